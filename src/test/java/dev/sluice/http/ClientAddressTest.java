package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClientAddressTest {
    private final ClientAddress addresses = new ClientAddress(List.of("10.0.0.0/8", "2001:db8:1::/48"));

    private String of(String peer, String... forwardedFor) {
        return addresses.of(addresses.peer(peer), List.of(forwardedFor));
    }

    @Test
    void onlyTrustedProxiesSpeakForOthers() {
        assertThat(of("203.0.113.9", "1.2.3.4")).isEqualTo("203.0.113.9");
        assertThat(of("10.1.2.3", "1.2.3.4")).isEqualTo("1.2.3.4");
        assertThat(of("11.1.2.3", "1.2.3.4")).isEqualTo("11.1.2.3");
        assertThat(of("2001:db8:1:ffff::1", "1.2.3.4")).isEqualTo("1.2.3.4");
        assertThat(of("2001:db8:2::1", "1.2.3.4")).startsWith("2001:db8:2:");
    }

    @Test
    void whatTheCallerWroteBeforeIsIgnored() {
        assertThat(of("10.0.0.1", "127.0.0.1, 1.2.3.4, 10.0.0.2")).isEqualTo("1.2.3.4");
        assertThat(of("10.0.0.1", "nonsense, 10.0.0.2")).isEqualTo("10.0.0.2");
        assertThat(of("10.0.0.1", "host.example")).isEqualTo("10.0.0.1");
        assertThat(of("10.0.0.1", "")).isEqualTo("10.0.0.1");
        assertThat(of("10.0.0.1")).isEqualTo("10.0.0.1");
        assertThat(of("10.0.0.1", ",,,")).isEqualTo("10.0.0.1");
    }

    /** HAProxy's {@code option forwardfor} leaves the caller's line and adds one of its own. */
    @Test
    void everyLineOfTheHeaderIsReadAndTheLastSpeaks() {
        assertThat(of("10.0.0.1", "127.0.0.1", "1.2.3.4")).isEqualTo("1.2.3.4");
        assertThat(of("10.0.0.1", "127.0.0.1", "1.2.3.4, 10.0.0.2")).isEqualTo("1.2.3.4");
        assertThat(of("10.0.0.1", "1.2.3.4", "10.0.0.2")).isEqualTo("1.2.3.4");
    }

    @Test
    void subscribersOfIpv6HaveOneLimitForTheirNetwork() {
        assertThat(ClientAddress.subscriber("2001:db8::1")).isEqualTo(ClientAddress.subscriber("2001:db8::2:3:4:5"));
        assertThat(ClientAddress.subscriber("2001:db8::1")).isNotEqualTo(ClientAddress.subscriber("2001:db8:0:1::1"));
        assertThat(ClientAddress.subscriber("1.2.3.4")).isEqualTo("1.2.3.4");
    }

    @Test
    void networksAreCheckedAtStart() {
        assertThatThrownBy(() -> new ClientAddress(List.of("10.0.0.0/33")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ClientAddress(List.of("proxy.example")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
