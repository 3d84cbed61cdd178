package dev.postrider.channel.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EgressGuardTest {
  private final EgressGuard guard = new EgressGuard(List.of("10.20.0.0/16", "fd12::/16"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1::",
        "fe80::1",
        "fd00:ec2::254",
        "2001:db8::1",
        "3fff::1"
      })
  void refusesWhatIsNotPublic(String address) throws Exception {
    assertThat(guard.allows(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "1.1.1.1",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "10.20.3.4",
        "fd12::1"
      })
  void allowsWhatIsPublicOrListed(String address) throws Exception {
    assertThat(guard.allows(InetAddress.getByName(address))).isTrue();
  }

  @Test
  void readsNetworks() {
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> EgressGuard.Cidr.parse("10.0.0.0/33"))
        .isInstanceOf(IllegalArgumentException.class);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> EgressGuard.Cidr.parse("example.org/8"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
