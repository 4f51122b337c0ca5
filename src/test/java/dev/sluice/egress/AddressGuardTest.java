package dev.sluice.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private final AddressGuard strict = new AddressGuard(EgressRules.STRICT);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.9.9.9",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.7",
                "192.88.99.1",
                "192.168.0.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.4",
                "203.0.113.9",
                "168.63.129.16",
                "100.100.100.200",
                "224.0.0.1",
                "239.255.255.250",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:10.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "::7f00:1",
                "64:ff9b::a00:1",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:2::1",
                "2001:10::1",
                "2001:db8::1",
                "2002:a00:1::1",
                "3fff::1",
                "4000::1",
                "5f00::1",
                "fc00::1",
                "fd00:ec2::254",
                "fe80::1",
                "fec0::1",
                "ff02::1"
            })
    void addressThatIsNotPublicIsRefused(String address) {
        assertThat(AddressGuard.isPublic(InetAddress.ofLiteral(address))).isFalse();
        assertThatThrownBy(() -> strict.choose("shop.example", List.of(InetAddress.ofLiteral(address))))
                .hasMessageContaining("address-refused")
                .hasMessageNotContaining(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
                "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "198.17.255.255",
                        "198.20.0.0",
                "223.255.255.255", "2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111", "3ffe::1",
                        "::ffff:1.1.1.1"
            })
    void publicAddressIsAllowed(String address) {
        InetAddress wanted = InetAddress.ofLiteral(address);
        assertThat(strict.choose("shop.example", List.of(wanted))).isEqualTo(wanted);
    }

    @Test
    void oneAddressThatIsNotPublicSpoilsAll() {
        List<InetAddress> mixed = List.of(InetAddress.ofLiteral("1.1.1.1"), InetAddress.ofLiteral("10.0.0.1"));
        assertThatThrownBy(() -> strict.choose("shop.example", mixed)).hasMessageContaining("address-refused");
    }

    @Test
    void nameWithoutAddressIsRefused() {
        assertThatThrownBy(() -> strict.choose("shop.example", List.of())).hasMessageContaining("address-refused");
    }

    @Test
    void allowPrivateOpensLocalRangesButNotMetadataOrMulticast() {
        AddressGuard local = new AddressGuard(EgressRules.LOCAL);
        assertThat(List.of("127.0.0.1", "10.1.2.3", "192.168.1.1", "172.20.0.1", "100.64.0.1", "::1", "fd12::1"))
                .allMatch(address -> local.allows(InetAddress.ofLiteral(address)));
        assertThat(List.of(
                        "169.254.169.254", "100.100.100.200", "fd00:ec2::254", "0.0.0.0", "224.0.0.1", "fe80::1", "::"))
                .noneMatch(address -> local.allows(InetAddress.ofLiteral(address)));
    }

    @Test
    void operatorAllowsRangesAndHostsOneByOne() {
        AddressGuard guard = new AddressGuard(new EgressRules(
                false, false, Set.of("Till.lan"), List.of(Cidr.parse("10.1.0.0/17"), Cidr.parse("fd00::/9"))));
        assertThat(guard.allows(InetAddress.ofLiteral("10.1.127.255"))).isTrue();
        assertThat(guard.allows(InetAddress.ofLiteral("10.1.128.0"))).isFalse();
        assertThat(guard.allows(InetAddress.ofLiteral("fd7f::1"))).isTrue();
        assertThat(guard.allows(InetAddress.ofLiteral("fd80::1"))).isFalse();
        InetAddress till = InetAddress.ofLiteral("192.168.7.7");
        assertThat(guard.choose("till.lan", List.of(till))).isEqualTo(till);
        assertThatThrownBy(() -> guard.choose("other.lan", List.of(till))).hasMessageContaining("address-refused");
    }
}
