package dev.postrider.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.testing.TestDatabase;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TransactionsTest {
  private final Transactions transactions = TestDatabase.create().transactions();
  private final AtomicInteger times = new AtomicInteger();

  private void forget() {
    Transactions.nowAndAfterCommit(times::incrementAndGet);
  }

  @Test
  void whatIsForgottenInATransactionIsForgottenAgainWhenOthersSeeIt() {
    transactions.run(() -> {
      forget();
      assertThat(times).hasValue(1);
    });
    assertThat(times).hasValue(2);
    forget();
    assertThat(times).as("outside, once is enough").hasValue(3);
    assertThatThrownBy(() ->
            transactions.run(() -> {
              forget();
              throw new IllegalStateException("after all, no");
            }))
        .hasMessage("after all, no");
    assertThat(times).as("nobody saw it").hasValue(4);
  }
}
