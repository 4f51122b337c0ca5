package dev.sluice.card;

import dev.sluice.kernel.StoreId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where and when cards of a programme pay.
 *
 * @param stores the only stores that may charge; empty for any
 * @param categories the only categories of terminals; empty for any
 * @param hours when; null for always
 * @param velocity how often; null for as often as one likes
 */
public record ProgrammeRules(
        Set<StoreId> stores,
        Set<String> categories,
        @Nullable Hours hours,
        @Nullable Velocity velocity) {
    public static final ProgrammeRules NONE = new ProgrammeRules(Set.of(), Set.of(), null, null);

    public ProgrammeRules {
        stores = Set.copyOf(stores);
        categories = Set.copyOf(categories);
    }

    /** From {@code from} until before {@code until} on some days; over midnight where until is not after from. */
    public record Hours(ZoneId zone, Set<DayOfWeek> days, LocalTime from, LocalTime until) {
        public Hours {
            days = Set.copyOf(days);
        }

        boolean contains(Instant moment) {
            ZonedDateTime local = moment.atZone(zone);
            LocalTime time = local.toLocalTime();
            if (from.isBefore(until)) {
                return days.contains(local.getDayOfWeek()) && !time.isBefore(from) && time.isBefore(until);
            }
            boolean evening = days.contains(local.getDayOfWeek()) && !time.isBefore(from);
            boolean morning = days.contains(local.getDayOfWeek().minus(1)) && time.isBefore(until);
            return evening || morning;
        }
    }

    /** At most {@code taps} approved taps in any {@code minutes} minutes. */
    public record Velocity(int taps, int minutes) {}

    boolean admits(StoreId store) {
        return stores.isEmpty() || stores.contains(store);
    }

    boolean admits(@Nullable String category) {
        return categories.isEmpty() || (category != null && categories.contains(category));
    }

    /** Whether they pay whom nobody here knows. */
    boolean admitsAnybody() {
        return stores.isEmpty() && categories.isEmpty();
    }

    boolean isOpen(Instant moment) {
        return hours == null || hours.contains(moment);
    }

    /** As the database keeps it and the API shows it. */
    JsonObject json() {
        JsonObject out = new JsonObject()
                .put(
                        "stores",
                        new JsonArray(
                                stores.stream().map(StoreId::value).sorted().toList()))
                .put("categories", new JsonArray(categories.stream().sorted().toList()));
        Optional.ofNullable(hours)
                .ifPresent(h -> out.put(
                        "hours",
                        new JsonObject()
                                .put("timeZone", h.zone().getId())
                                .put(
                                        "days",
                                        new JsonArray(h.days().stream()
                                                .sorted()
                                                .map(day -> day.name().toLowerCase(Locale.ROOT))
                                                .toList()))
                                .put("from", h.from().toString())
                                .put("until", h.until().toString())));
        Optional.ofNullable(velocity)
                .ifPresent(v -> out.put(
                        "velocity", new JsonObject().put("taps", v.taps()).put("minutes", v.minutes())));
        return out;
    }

    /** Reads what {@link #json} wrote. */
    static ProgrammeRules of(JsonObject json) {
        JsonObject hours = json.getJsonObject("hours");
        JsonObject velocity = json.getJsonObject("velocity");
        return new ProgrammeRules(
                texts(json, "stores").stream().map(StoreId::new).collect(Collectors.toSet()),
                Set.copyOf(texts(json, "categories")),
                hours == null ? null : hours(hours),
                velocity == null ? null : new Velocity(velocity.getInteger("taps"), velocity.getInteger("minutes")));
    }

    private static Hours hours(JsonObject json) {
        return new Hours(
                ZoneId.of(json.getString("timeZone")),
                texts(json, "days").stream()
                        .map(day -> DayOfWeek.valueOf(day.toUpperCase(Locale.ROOT)))
                        .collect(Collectors.toSet()),
                LocalTime.parse(json.getString("from")),
                LocalTime.parse(json.getString("until")));
    }

    private static List<String> texts(JsonObject json, String name) {
        return json.getJsonArray(name, new JsonArray()).stream()
                .map(String.class::cast)
                .toList();
    }
}
