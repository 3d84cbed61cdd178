package dev.postrider.channel.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void findsWhatThereIs() throws Exception {
    assertThat(Names.lookUp("127.0.0.1")).containsExactly(InetAddress.ofLiteral("127.0.0.1"));
    assertThatThrownBy(() -> Names.lookUp("no.such.name.invalid"))
        .isInstanceOf(UnknownHostException.class);
  }

  /** Whoever keeps the name's servers says nothing, and the system waits. */
  @Test
  void waitsForNobodyForLong() {
    CountDownLatch never = new CountDownLatch(1);
    assertThatThrownBy(() ->
            Names.lookUp(
                "silent.example",
                Duration.ofMillis(50),
                () -> {
                  never.await();
                  return new InetAddress[0];
                }))
        .isInstanceOf(UnknownHostException.class)
        .hasMessage("silent.example: the name servers do not answer");
    never.countDown();
  }
}
