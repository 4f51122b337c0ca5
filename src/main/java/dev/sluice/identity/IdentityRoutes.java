package dev.sluice.identity;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Reply;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The routes of users, API keys, permissions and languages. */
public final class IdentityRoutes {
    private final UserRoutes users;
    private final ApiKeyRoutes keys;

    IdentityRoutes(UserRoutes users, ApiKeyRoutes keys) {
        this.users = users;
        this.keys = keys;
    }

    /** Describes them; {@code /misc} lies outside {@code /api/v1} as it does in Greenfield. */
    public void mount(Api api) {
        users.mount(api);
        keys.mount(api);
        api.get("/misc/permissions", Access.AUTHENTICATED, IdentityRoutes::permissions);
        api.get("/misc/lang", Access.AUTHENTICATED, IdentityRoutes::languages);
    }

    private static Future<Reply> permissions(Call call) {
        JsonArray all = new JsonArray();
        Permissions.all()
                .forEach((name, included) -> all.add(
                        new JsonObject().put("name", name).put("included", new JsonArray(List.copyOf(included)))));
        return Future.succeededFuture(Reply.json(all));
    }

    private static Future<Reply> languages(Call call) {
        return Future.succeededFuture(Reply.json(JsonArray.of(
                new JsonObject().put("code", "en").put("currentLanguage", "English"),
                new JsonObject().put("code", "zh").put("currentLanguage", "中文"))));
    }
}
