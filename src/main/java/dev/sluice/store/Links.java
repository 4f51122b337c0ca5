package dev.sluice.store;

import java.util.Arrays;
import java.util.regex.Pattern;

/** Addresses that stores and their shops give, for browsers to follow; placeholders stand for what is filled in. */
public final class Links {
    static final Pattern WEB = Pattern.compile("https?://[^\\s\"'<>\\\\]+", Pattern.CASE_INSENSITIVE);
    static final Pattern FILE = Pattern.compile("fileid:[A-Za-z0-9_-]{1,64}");
    /** Any scheme, an app's too, but those that browsers run or show as a page of their own. */
    static final Pattern LINK = Pattern.compile(
            "(?!javascript:|data:|vbscript:|file:|blob:|filesystem:|about:|view-source:)"
                    + "[a-z][a-z0-9+.-]*:[^\\s\"'<>\\\\]+",
            Pattern.CASE_INSENSITIVE);

    private Links() {}

    /** Whether an address has one of the forms as it stands: no placeholder is in a scheme, so none makes another. */
    static boolean isOne(String address, Pattern... forms) {
        return Arrays.stream(forms).anyMatch(form -> form.matcher(address).matches());
    }

    /** Whether a page may lead to an address. */
    public static boolean isLink(String address) {
        return isOne(address, LINK);
    }
}
