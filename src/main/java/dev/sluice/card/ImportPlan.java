package dev.sluice.card;

import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.PiccData;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What a file of cards would do, line by line. Money comes with a card that was never here, and once: a chip is looked
 * for under the key of every issuer, because the same file may have been read with another one.
 *
 * @param cards as the file tells them, their counts not below those of their taps
 * @param fresh which of them were never here
 * @param wrong which are here with other keys or counts, that no tap has shown to be right, and as what
 * @param known how many are here and are left alone
 */
record ImportPlan(
        List<ImportedCard> cards,
        List<Integer> fresh,
        Map<Integer, Card> wrong,
        int known,
        List<CardImport.Problem> problems) {
    /** Looked for at once; each under every issuer's key. */
    private static final int CHUNK = 1_000;

    /** Reads what is here; writes nothing. */
    static Future<ImportPlan> of(
            ImportRepository repository,
            Seal seal,
            List<ImportedCard> file,
            List<ImportIssuers.Origin> origins,
            ImportIssuers.Here here) {
        List<String> own = new ArrayList<>(); // how the line's own issuer knows the chip; empty where it is new
        for (int i = 0; i < file.size(); i++) {
            ImportIssuers.Known issuer = here.of().get(origins.get(i));
            own.add(issuer == null ? "" : tag(issuer.key(), file.get(i)));
        }
        Future<Set<String>> chips = inChunks(
                file,
                some -> repository.knownChips(some.stream()
                        .flatMap(card -> here.keys().stream().map(key -> tag(key, card)))
                        .toList()),
                new HashSet<>());
        Future<Map<String, ImportRepository.Untouched>> untouched = inChunks(
                        own.stream().filter(tag -> !tag.isEmpty()).toList(),
                        some -> repository.untouched(some).map(Map::entrySet),
                        new HashSet<>())
                .map(entries -> {
                    Map<String, ImportRepository.Untouched> all = new HashMap<>();
                    entries.forEach(entry -> all.put(entry.getKey(), entry.getValue()));
                    return all;
                });
        return Future.all(chips, untouched)
                .map(read -> of(seal, file, origins, own, here.keys(), chips.result(), untouched.result()));
    }

    private static <T, R> Future<Set<R>> inChunks(
            List<T> all, Function<List<T>, Future<? extends Collection<R>>> ask, Set<R> into) {
        Future<Set<R>> chain = Future.succeededFuture(into);
        for (int from = 0; from < all.size(); from += CHUNK) {
            List<T> some = all.subList(from, Math.min(all.size(), from + CHUNK));
            chain = chain.compose(found -> ask.apply(some).map(more -> {
                found.addAll(more);
                return found;
            }));
        }
        return chain;
    }

    private static ImportPlan of(
            Seal seal,
            List<ImportedCard> file,
            List<ImportIssuers.Origin> origins,
            List<String> own,
            List<IssuerKey> issuers,
            Set<String> chips,
            Map<String, ImportRepository.Untouched> untouched) {
        List<ImportedCard> cards = new ArrayList<>();
        List<Integer> fresh = new ArrayList<>();
        Map<Integer, Card> wrong = new HashMap<>();
        List<CardImport.Problem> problems = new ArrayList<>();
        for (int i = 0; i < file.size(); i++) {
            ImportedCard line = file.get(i);
            Optional<ImportedCard> proved = proved(line, ImportIssuers.keys(line, origins.get(i)));
            ImportedCard card = proved.orElse(line);
            cards.add(card);
            ImportRepository.Untouched before = untouched.get(own.get(i));
            if (proved.isEmpty()) {
                problems.add(new CardImport.Problem(i, "its tap was not made with these keys"));
            } else if (chips.contains(own.get(i))) {
                if (before != null && differs(before, card, seal)) {
                    wrong.put(i, before.card());
                }
            } else if (issuers.stream().anyMatch(key -> chips.contains(tag(key, card)))) {
                problems.add(new CardImport.Problem(
                        i, "this chip is here already by another issuer's key, with its balance"));
            } else {
                fresh.add(i);
            }
        }
        int known = file.size() - fresh.size() - wrong.size() - problems.size();
        return new ImportPlan(cards, fresh, wrong, known, problems);
    }

    static String tag(IssuerKey issuer, ImportedCard card) {
        return HexFormat.of().formatHex(issuer.cardId(card.uid()));
    }

    /** The card where its tap proves its keys, or where none was told; that tap, too, is used up by the import. */
    private static Optional<ImportedCard> proved(ImportedCard card, CardKeys keys) {
        return card.tap().isEmpty()
                ? Optional.of(card)
                : card.tap()
                        .flatMap(tap -> PiccData.read(tap, keys.k1())
                                .filter(said -> said.uid().equals(card.uid()) && said.isProvedBy(tap, keys.k2())))
                        .map(said -> card.counted(Math.max(card.counter(), said.counter())));
    }

    private static boolean differs(ImportRepository.Untouched before, ImportedCard line, Seal seal) {
        Card card = before.card();
        Card.Chip chip = Objects.requireNonNull(card.chip(), "it was found by its chip");
        Optional<CardKeys> own = Optional.ofNullable(chip.own()).map(kept -> OwnKeys.open(kept, card.id(), seal));
        return chip.version() != line.version()
                || card.counter() != line.counter()
                || !Objects.equals(chip.extra(), line.pullPayment().orElse(null))
                || !Objects.equals(before.name(), line.name().orElse(null))
                || !own.equals(line.own());
    }
}
