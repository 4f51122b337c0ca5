package dev.sluice.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlPolicyTest {
    private final UrlPolicy strict = new UrlPolicy(EgressRules.STRICT);
    private final UrlPolicy local = new UrlPolicy(EgressRules.LOCAL);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "shop.example/hook",
                "//shop.example/",
                "ftp://shop.example/",
                "file:///etc/passwd",
                "gopher://shop.example/",
                "javascript:alert(1)",
                "data:text/plain,x",
                "https:",
                "https://",
                "https:///path",
                "https:shop.example",
                "https://2130706433/",
                "https://0177.0.0.1/",
                "https://0177.1/",
                "https://127.1/",
                "https://0x7f.1/",
                "https://0x7f000001/",
                "https://0/",
                "https://1.2.3.4.5/",
                "https://256.1.1.1/",
                "https://1.2.3.04/",
                "https://[fe80::1%25eth0]/",
                "https://[::1",
                "https://[fe80::1%eth0]/",
                "https://shop.onion/",
                "https://user:pass@shop.example/",
                "https://user@shop.example/",
                "https://@shop.example/",
                "https://a@b@shop.example/",
                "https://shop.example\\@evil.example/",
                "https://shop.example:22/",
                "https://shop.example:25/",
                "https://shop.example:5432/",
                "https://shop.example:8332/",
                "https://shop.example:10009/",
                "https://shop.example:0/",
                "https://shop.example:65536/",
                "https://shop.example:-1/",
                "https://shop.example./",
                "https://shop..example/",
                "https://-shop.example/",
                "https://sho p.example/",
                "https://shop.example/a\tb",
                "https://shop.example/a\nb",
                "https://shop.example/\u0000",
                "https://m\u00fcnchen.example/",
                "https://shop.example/%zz",
                "https://shop%2eexample/",
                "https://\uff11\uff12\uff17.0.0.1/"
            })
    void formThatParsersReadDifferentlyIsRefused(String url) {
        assertThatThrownBy(() -> strict.check(url)).hasMessageContaining("url-refused");
        assertThatThrownBy(() -> local.check(url)).hasMessageContaining("url-refused");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://shop.example/",
                "https://localhost/",
                "https://a.localhost/",
                "https://printer/",
                "https://till.local/",
                "https://db.internal/",
                "https://nas.home.arpa/",
                "HTTP://SHOP.EXAMPLE/"
            })
    void plainHttpAndInternalNamesNeedTheOperator(String url) {
        assertThatThrownBy(() -> strict.check(url)).hasMessageContaining("url-refused");
        assertThatCode(() -> local.check(url)).doesNotThrowAnyException();
    }

    @Test
    void tooLongIsRefused() {
        String longest = "https://shop.example/" + "a".repeat(UrlPolicy.URL_CHARS_MAX - 21);
        assertThatCode(() -> strict.check(longest)).doesNotThrowAnyException();
        assertThatThrownBy(() -> strict.check(longest + "a")).hasMessageContaining("url-refused");
    }

    @ParameterizedTest
    @CsvSource({
        "https://shop.example,shop.example,443,/",
        "https://Shop.Example/hook?a=b&c=%20#top,shop.example,443,/hook?a=b&c=%20",
        "https://shop.example:8443?x,shop.example,8443,/?x",
        "https://xn--mnchen-3ya.example/,xn--mnchen-3ya.example,443,/",
        "https://1.1.1.1/,1.1.1.1,443,/",
        "https://[2606:4700::1111]:80/x,2606:4700::1111,80,/x"
    })
    void goodUrlIsTakenApart(String url, String host, int port, String uri) {
        Target target = strict.check(url);
        assertThat(target.tls()).isTrue();
        assertThat(List.of(target.host(), target.port(), target.uri())).isEqualTo(List.of(host, port, uri));
        assertThat(target.literal().isPresent()).isEqualTo(!host.contains("example"));
    }

    @Test
    void trustedHostMayBeAnything() {
        UrlPolicy trusting = new UrlPolicy(new EgressRules(false, false, Set.of("till"), List.of()));
        assertThat(trusting.check("http://TILL:25/x").port()).isEqualTo(25);
        assertThatThrownBy(() -> trusting.check("http://other:25/x")).hasMessageContaining("url-refused");
    }
}
