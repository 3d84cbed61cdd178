package dev.postrider.channel.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.testing.Eventually;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class NamesTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  private final Names names = new Names(1);
  private final CountDownLatch never = new CountDownLatch(1);

  private InetAddress[] silent() throws InterruptedException {
    never.await();
    return new InetAddress[0];
  }

  private static InetAddress[] quick() {
    assertThat(Thread.currentThread().isVirtual()).as("keeps a carrier").isFalse();
    return new InetAddress[] {InetAddress.ofLiteral("192.0.2.1")};
  }

  @Test
  void findsWhatThereIs() throws Exception {
    assertThat(Names.lookUp("127.0.0.1")).containsExactly(InetAddress.ofLiteral("127.0.0.1"));
    assertThatThrownBy(() -> Names.lookUp("no.such.name.invalid"))
        .isInstanceOf(UnknownHostException.class);
  }

  /** Whoever keeps the name's servers says nothing, and the system waits. */
  @Test
  void waitsForNobodyForLong() {
    assertThatThrownBy(() -> names.lookUp("silent.example", SHORT, this::silent))
        .isInstanceOf(UnknownHostException.class)
        .hasMessage("silent.example: the name servers do not answer");
    never.countDown();
  }

  /** One that was given up goes on in the system, and takes its place until that has had enough. */
  @Test
  void hasOnlySoManyUnderWay() {
    assertThatThrownBy(() -> names.lookUp("silent.example", SHORT, this::silent))
        .isInstanceOf(UnknownHostException.class);
    assertThatThrownBy(() -> names.lookUp("other.example", SHORT, NamesTest::quick))
        .isInstanceOf(UnknownHostException.class)
        .hasMessage("other.example: too many names are being looked up");
    never.countDown();
    Eventually.value(
        () -> {
          try {
            return names.lookUp("other.example", SHORT, NamesTest::quick).length;
          } catch (UnknownHostException _) {
            return 0;
          }
        },
        it -> it == 1);
  }
}
