package dev.sluice.identity;

import dev.sluice.http.Fields;
import dev.sluice.kernel.Secret;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads and checks what people say about users; throws {@link dev.sluice.kernel.Failure.Invalid}. */
final class UserFields {
    private static final Pattern EMAIL =
            Pattern.compile("[^\\s\\p{Cntrl}@<>,;:\"]{1,64}@[^\\s\\p{Cntrl}@<>,;:\"]{1,189}");
    private static final int EMAIL_MAX = 254;
    private static final int NAME_MAX = 200;
    private static final int URL_MAX = 2_000;
    /** Longer ones are refused as passwords; read so far to say so by the right path. */
    private static final int PASSWORD_READ_MAX = 100_000;

    private UserFields() {}

    static NewUser newUser(JsonObject body) {
        Fields fields = new Fields(body);
        String email = email(fields);
        if (email == null) {
            fields.reject("email", "An e-mail address is needed");
        }
        String password = password(fields, "password");
        if (password == null) {
            fields.reject("password", "A password is needed: this server sends no invitations");
        }
        NewUser user = new NewUser(
                email == null ? "" : email,
                new Secret(password == null ? "" : password),
                fields.text("name", NAME_MAX),
                imageUrl(fields),
                fields.flag("isAdministrator", false));
        fields.check();
        return user;
    }

    static UserChange change(JsonObject body) {
        Fields fields = new Fields(body);
        String current = fields.text("currentPassword", PASSWORD_READ_MAX);
        String wanted = password(fields, "newPassword");
        UserChange change = new UserChange(
                email(fields),
                fields.text("name", NAME_MAX),
                imageUrl(fields),
                current == null ? null : new Secret(current),
                wanted == null ? null : new Secret(wanted));
        fields.check();
        return change;
    }

    static NewUser checked(String email, Secret password, @Nullable String name, boolean admin) {
        return newUser(new JsonObject()
                .put("email", email)
                .put("password", password.value())
                .put("name", name)
                .put("isAdministrator", admin));
    }

    private static @Nullable String email(Fields fields) {
        String email = fields.text("email", EMAIL_MAX);
        return email == null || EMAIL.matcher(email).matches()
                ? email
                : fields.reject("email", "This is not an e-mail address");
    }

    private static @Nullable String password(Fields fields, String name) {
        String password = fields.text(name, PASSWORD_READ_MAX);
        String problem = password == null ? null : Passwords.problem(password);
        return problem == null ? password : fields.reject(name, problem);
    }

    private static @Nullable String imageUrl(Fields fields) {
        String url = fields.text("imageUrl", URL_MAX);
        return url == null || url.isEmpty() || url.matches("https?://[^\\s\"'<>]+")
                ? url
                : fields.reject("imageUrl", "This must be a web address");
    }
}
