package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.database.DatabaseWatch;
import dev.postrider.testing.RunningService;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

class ProblemAdviceE2ETest {
  private final RunningService service = RunningService.shared();
  private final ProblemAdvice advice = service.bean(ProblemAdvice.class);

  /** It was logged as a bug of ours, with its stack: whoever hangs up could fill the log. */
  @Test
  void whoHangsUpWhileHeIsToldIsNobodysFault() {
    Exception gone =
        new HttpMessageNotWritableException(
            "Could not write JSON", new AsyncRequestNotUsableException("hung up"));
    assertThat(advice.anything(gone, new MockHttpServletRequest("GET", "/"))).isNull();
  }

  /** Told of as an absent database, it was asked again and again. */
  @Test
  void aSearchThatTakesTooLongSaysWhatToDo() {
    Exception slow = new QueryTimeoutException("slow", new SQLException("canceled", "57014"));
    ResponseEntity<Map<String, Object>> told =
        advice.databaseAway(slow, new MockHttpServletRequest("GET", "/api/messages/1"));
    assertThat(told.getStatusCode().value()).isEqualTo(503);
    assertThat(String.valueOf(Objects.requireNonNull(told.getBody()).get("detail")))
        .contains("ask for less");
    assertThat(service.bean(DatabaseWatch.class).isAway()).isFalse();
    ResponseEntity<Map<String, Object>> writing =
        advice.databaseAway(slow, new MockHttpServletRequest("POST", "/api/messages/1"));
    assertThat(String.valueOf(Objects.requireNonNull(writing.getBody()).get("detail")))
        .contains("unknown");
  }
}
