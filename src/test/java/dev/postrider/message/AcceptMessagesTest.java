package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.UncategorizedSQLException;

class AcceptMessagesTest {
  private static final Duration WAIT = Duration.ofSeconds(1);

  private static UncategorizedSQLException sql(String state) {
    return new UncategorizedSQLException("task", "sql", new SQLException("no", state));
  }

  /** Limits are given back for that, and for nothing else. */
  @Test
  void itIsKnownWhenNothingWasStored() {
    assertThat(AcceptMessages.storedNothing(new Overloaded("accept"))).isTrue();
    assertThat(AcceptMessages.storedNothing(ProblemException.invalid("recipient", "no"))).isTrue();
    assertThat(
            AcceptMessages.storedNothing(
                ProblemException.retryLater(Problem.UNAVAILABLE, "not begun", WAIT)))
        .isTrue();
    assertThat(AcceptMessages.storedNothing(new CannotGetJdbcConnectionException("none"))).isTrue();
    assertThat(AcceptMessages.storedNothing(sql("22021"))).as("refused").isTrue();
    assertThat(AcceptMessages.storedNothing(ProblemException.outcomeUnknown("too long", WAIT)))
        .isFalse();
    assertThat(AcceptMessages.storedNothing(sql("08006"))).as("in the commit, perhaps").isFalse();
  }
}
