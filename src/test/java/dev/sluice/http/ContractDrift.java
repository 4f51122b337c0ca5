package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Holds mounted routes against the contract; for the test of the whole assembly and of each part. */
public final class ContractDrift {
    private static final Pattern PARAMETER = Pattern.compile("\\{[^}]*}");

    private ContractDrift() {}

    /**
     * Fails unless both name the same operations, parameters' names apart.
     *
     * @param mounted {@link Edge#operations()}
     * @param pages operations of the contract that are pages and not JSON routes
     */
    public static void assertNone(Contract contract, Set<String> mounted, Set<String> pages) {
        Set<String> described = shapes(contract.operations());
        described.removeAll(shapes(pages));
        assertThat(shapes(mounted)).as("mounted = described by the contract").isEqualTo(described);
    }

    private static Set<String> shapes(Set<String> operations) {
        Set<String> shapes = new TreeSet<>();
        operations.forEach(operation -> shapes.add(PARAMETER.matcher(operation).replaceAll("{}")));
        return shapes;
    }
}
