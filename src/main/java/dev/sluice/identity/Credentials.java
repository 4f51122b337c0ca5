package dev.sluice.identity;

import dev.sluice.db.Recent;
import dev.sluice.http.Authenticator;
import dev.sluice.http.Principal;
import dev.sluice.identity.ApiKeyRepository.Rights;
import dev.sluice.identity.ApiKeyRepository.Stored;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.IpRange;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.Sha256;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks {@code Authorization} headers: API keys, and passwords in the first minutes of an account. */
final class Credentials implements Authenticator {
    /** BTCPay since 2.4.2: long enough to create the first API key. */
    static final Duration BASIC_FOR = Duration.ofMinutes(5);

    /** How long another process may still honour a key that was revoked here. */
    private static final Duration REMEMBERED_FOR = Duration.ofSeconds(2);

    private static final int REMEMBERED_MAX = 20_000;
    private static final int HEADER_MAX = 1_024;
    private static final int ACCOUNT_ATTEMPTS_MAX = 5;
    /** Several people behind one address may err at once. */
    private static final int ADDRESS_ATTEMPTS_MAX = 20;

    private static final Duration ATTEMPTS_WINDOW = Duration.ofMinutes(1);

    private record Login(String email, Secret password) {}

    private final ApiKeyRepository keys;
    private final UserRepository users;
    private final Passwords passwords;
    private final LastUsed lastUsed;
    private final Clock clock;
    private final Recent<String, Stored> remembered;
    private final AttemptLimit accounts;
    private final AttemptLimit addresses;

    Credentials(ApiKeyRepository keys, UserRepository users, Passwords passwords, LastUsed lastUsed, Clock clock) {
        this.keys = keys;
        this.users = users;
        this.passwords = passwords;
        this.lastUsed = lastUsed;
        this.clock = clock;
        this.remembered = new Recent<>(
                clock,
                REMEMBERED_FOR,
                REMEMBERED_MAX,
                hash -> keys.byHash(HexFormat.of().parseHex(hash)));
        this.accounts = new AttemptLimit(clock, ACCOUNT_ATTEMPTS_MAX, ATTEMPTS_WINDOW);
        this.addresses = new AttemptLimit(clock, ADDRESS_ATTEMPTS_MAX, ATTEMPTS_WINDOW);
    }

    static byte[] hash(Secret secret) {
        return Sha256.of(secret.value());
    }

    /** Rights or keys changed: nothing that was known before is believed any more. */
    void forget() {
        remembered.forget();
    }

    @Override
    public Future<Optional<Principal>> authenticate(Optional<String> authorization, String remoteAddress) {
        if (authorization.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        String given = authorization.get().strip();
        int end = blank(given);
        String shown = given.substring(end).strip();
        if (shown.isEmpty() || shown.length() > HEADER_MAX) {
            return wrong();
        }
        Future<Principal> caller = switch (given.substring(0, end).toLowerCase(Locale.ROOT)) {
            case "token", "bearer" -> byKey(new Secret(shown), remoteAddress);
            case "basic" -> byPassword(shown, remoteAddress);
            default -> wrong();
        };
        return caller.map(Optional::of);
    }

    /** Where the first word ends. */
    private static int blank(String text) {
        int end = 0;
        while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Counts an attempt at an account's password and checks it; fails with {@code Limited} after too many. */
    Future<Boolean> attempt(String email, Secret password, @Nullable String hash) {
        String account = email.toLowerCase(Locale.ROOT);
        if (!accounts.take(account)) {
            return Future.failedFuture(limited());
        }
        return passwords.verify(password, hash).onSuccess(right -> {
            if (right) {
                accounts.giveBack(account);
            }
        });
    }

    private Future<Principal> byKey(Secret secret, String remoteAddress) {
        byte[] hash = hash(secret);
        return remembered
                .get(HexFormat.of().formatHex(hash))
                .compose(found -> found.isPresent() ? admit(found.get(), hash, remoteAddress) : wrong());
    }

    private Future<Principal> admit(Stored stored, byte[] hash, String remoteAddress) {
        ApiKey key = stored.key();
        Instant expiry = key.expiresAt();
        boolean valid = MessageDigest.isEqual(stored.hash(), hash)
                && !stored.rights().disabled()
                && (expiry == null || clock.now().isBefore(expiry))
                && (key.ipList().isEmpty() || isListed(key.ipList(), remoteAddress));
        if (!valid) {
            return wrong();
        }
        lastUsed.note(key.id());
        return Future.succeededFuture(new Caller(
                key.user(),
                key.id(),
                stored.scopes(),
                stored.rights().admin(),
                stored.rights().roles()));
    }

    private static boolean isListed(List<String> ranges, String address) {
        return ranges.stream()
                .flatMap(range -> IpRange.parse(range).stream())
                .anyMatch(range -> range.contains(address));
    }

    private Future<Principal> byPassword(String encoded, String remoteAddress) {
        Optional<Login> parsed = parse(encoded);
        if (parsed.isEmpty()) {
            return wrong();
        }
        Login login = parsed.get();
        String address = IpRange.block(remoteAddress);
        if (!addresses.take(address)) {
            return Future.failedFuture(limited());
        }
        return users.find(login.email()).compose(found -> {
            Optional<UserRepository.Stored> open = found.filter(stored -> mayUseBasic(stored.user()));
            String hash = open.map(UserRepository.Stored::passwordHash).orElse(null);
            return attempt(login.email(), login.password(), hash).compose(right -> {
                if (!right) {
                    return wrong();
                }
                addresses.giveBack(address);
                return unrestricted(open.orElseThrow().user());
            });
        });
    }

    private boolean mayUseBasic(User user) {
        return !user.secondFactor()
                && !user.disabled()
                && clock.now().isBefore(user.created().plus(BASIC_FOR));
    }

    private Future<Principal> unrestricted(User user) {
        return keys.rights(user.id()).compose(found -> {
            Optional<Rights> rights = found.filter(right -> !right.disabled());
            return rights.isEmpty()
                    ? wrong()
                    : Future.succeededFuture(new Caller(
                            user.id(),
                            "user:" + user.id(),
                            List.of(Scope.EVERYTHING),
                            rights.get().admin(),
                            rights.get().roles()));
        });
    }

    private static Optional<Login> parse(String encoded) {
        try {
            String text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            int at = text.indexOf('@');
            return at >= 0 && at < colon && text.indexOf('\0') < 0
                    ? Optional.of(new Login(text.substring(0, colon), new Secret(text.substring(colon + 1))))
                    : Optional.empty();
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private static Throwable limited() {
        int seconds = (int) ATTEMPTS_WINDOW.toSeconds();
        return new Failure.Limited("too-many-attempts", "Too many attempts; try again later", seconds).exception();
    }

    private static <T> Future<T> wrong() {
        return Future.failedFuture(
                new Failure.Unauthenticated("unauthenticated", "Authentication is required for accessing this endpoint")
                        .exception());
    }
}
