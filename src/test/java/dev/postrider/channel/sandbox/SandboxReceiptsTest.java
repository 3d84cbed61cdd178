package dev.postrider.channel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.channel.Receipt;
import dev.postrider.channel.ReceiptArrived;
import dev.postrider.testing.Eventually;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SandboxReceiptsTest {
  private static final Duration NONE = Duration.ZERO;

  private final List<String> told = new CopyOnWriteArrayList<>();

  private static SandboxReceipts receipts(Consumer<ReceiptArrived> listener) {
    return new SandboxReceipts(InstantSource.system(), listener, 2);
  }

  private void tell(ReceiptArrived arrived) {
    told.add(arrived.receipt().providerMessageId());
  }

  @Test
  void oneThatWaitsHoldsUpNoOther() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (SandboxReceipts receipts =
        receipts(arrived -> {
          if (arrived.receipt().providerMessageId().equals("slow")) {
            Eventually.opened(end);
          }
          tell(arrived);
        })) {
      receipts.later(1, "slow", Receipt.Kind.DELIVERED, NONE);
      receipts.later(2, "quick", Receipt.Kind.DELIVERED, NONE);
      Eventually.value(() -> told, it -> it.equals(List.of("quick")));
      end.countDown();
      Eventually.value(() -> told, it -> it.equals(List.of("quick", "slow")));
    }
  }

  /** Nothing is taken of which nothing could be reported. */
  @Test
  void thereIsRoomForSoManyUntilTheyAreTold() {
    CountDownLatch refused = new CountDownLatch(1);
    try (SandboxReceipts receipts =
        receipts(arrived -> {
          if (refused.getCount() > 0) {
            refused.countDown();
            throw new IllegalStateException("come again");
          }
          tell(arrived);
        })) {
      assertThat(receipts.reserve(2, NONE)).isTrue();
      assertThat(receipts.reserve(1, NONE)).isFalse();
      receipts.later(1, "twice", Receipt.Kind.DELIVERED, NONE);
      assertThat(receipts.reserve(1, Duration.ofMinutes(1))).as("when it is told").isTrue();
      assertThat(told).as("and it came again").containsExactly("twice");
    }
  }
}
