package dev.postrider.platform.web;

import dev.postrider.platform.Correlation;
import dev.postrider.platform.FieldError;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import dev.postrider.platform.Text;
import dev.postrider.platform.database.DatabaseWatch;
import dev.postrider.platform.database.Transactions;
import jakarta.servlet.http.HttpServletRequest;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Turns everything that went wrong into {@code application/problem+json} (RFC 9457), once. */
@RestControllerAdvice
public class ProblemAdvice {
  private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);
  private static final MediaType PROBLEM = MediaType.APPLICATION_PROBLEM_JSON;

  private final DatabaseWatch database;
  private final Stopping stopping;

  public ProblemAdvice(DatabaseWatch database, Stopping stopping) {
    this.database = database;
    this.stopping = stopping;
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> problem(ProblemException e, HttpServletRequest request) {
    return stopping.mayBeToBlameFor(e.problem())
        ? Stopping.answer(request)
        : answer(e.problem(), e.detail(), e.errors(), e.retryAfter(), request);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> overloaded(Overloaded e, HttpServletRequest request) {
    return answer(
        Problem.OVERLOADED,
        "Too many requests are waiting; nothing was stored. Send it again in a moment.",
        List.of(),
        Duration.ofSeconds(1),
        request);
  }

  @ExceptionHandler({
    DataAccessResourceFailureException.class,
    TransientDataAccessException.class,
    RecoverableDataAccessException.class,
    TransactionException.class
  })
  ResponseEntity<Map<String, Object>> databaseAway(Exception e, HttpServletRequest request) {
    if (Transactions.isFull(e)) {
      database.suspectFull();
      return answer(
          Problem.UNAVAILABLE, DatabaseWatch.NO_ROOM, List.of(), Duration.ofSeconds(10), request);
    }
    if (Transactions.isStatementTimeout(e) && request.getMethod().equals("GET")) {
      // It answers others: the same again would take as long again.
      log.atWarn().addKeyValue("path", request.getRequestURI()).log("request.too_slow");
      return answer(
          Problem.UNAVAILABLE,
          "It took longer than a question to the database may. Where it is a list or a report, ask"
              + " for less: a shorter time, or one recipient.",
          List.of(),
          Duration.ofSeconds(10),
          request);
    }
    database.suspect();
    // All that requests may have are in use, and the database itself is well.
    boolean noneIsFree = !database.isAway() && Transactions.isWithoutConnection(e);
    log.atWarn()
        .addKeyValue("cause", Text.cleaned(String.valueOf(e.getMessage()), 300))
        .log(noneIsFree ? "request.no_connection" : "request.database_away");
    return answer(
        Problem.UNAVAILABLE,
        (noneIsFree
                ? "No connection to the database was free in time."
                : "The database does not answer.")
            + " Whether the request took effect is unknown; send it again with the same"
            + " Idempotency-Key.",
        List.of(),
        Duration.ofSeconds(2),
        request);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> mistyped(
      MethodArgumentTypeMismatchException e, HttpServletRequest request) {
    boolean inPath =
        e.getParameter()
            .hasParameterAnnotation(org.springframework.web.bind.annotation.PathVariable.class);
    if (inPath) {
      // An id that cannot exist is an id that does not exist.
      return answer(Problem.NOT_FOUND, "No such resource.", List.of(), null, request);
    }
    ProblemException invalid =
        ProblemException.invalid(parameter(e), "does not have the right form");
    return answer(invalid.problem(), invalid.detail(), invalid.errors(), null, request);
  }

  private static String parameter(MethodArgumentTypeMismatchException e) {
    return Text.cleaned(e.getName(), 64);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> unreadableParameter(
      InvalidParameterException e, HttpServletRequest request) {
    return answer(
        Problem.MALFORMED_REQUEST, "The query string is not valid.", List.of(), null, request);
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> duplicate(
      DuplicateKeyException e, HttpServletRequest request) {
    return answer(
        Problem.CONFLICT,
        "Another resource has the same name or address.",
        List.of(),
        null,
        request);
  }

  /** The caller hung up while its answer was being written: nobody is there to be told. */
  @ExceptionHandler({UncheckedIOException.class, AsyncRequestNotUsableException.class})
  void hungUp(Exception e) {
    log.atDebug().setCause(e).log("request.hung_up");
  }

  @ExceptionHandler
  @Nullable ResponseEntity<Map<String, Object>> anything(Exception e, HttpServletRequest request) {
    if (isOfWriting(e)) {
      hungUp(e);
      return null;
    }
    if (Transactions.isLockTimeout(e)) {
      return answer(
          Problem.OVERLOADED,
          "Another request is changing the same thing; send it again in a moment.",
          List.of(),
          Duration.ofSeconds(1),
          request);
    }
    if (Transactions.isUnwilling(e)) {
      return databaseAway(e, request);
    }
    if (e instanceof ErrorResponse known) {
      Problem problem = Problem.ofStatus(known.getStatusCode().value());
      ResponseEntity<Map<String, Object>> answer =
          answer(problem, problem.title() + ".", List.of(), null, request);
      // What may be sent instead: Allow beside a 405 (RFC 9110, 15.5.6), Accept beside a 415.
      return ResponseEntity.status(answer.getStatusCode())
          .headers(answer.getHeaders())
          .headers(known.getHeaders())
          .body(answer.getBody());
    }
    log.atError().setCause(e).log("request.failed");
    return answer(
        Problem.INTERNAL,
        "This is a bug or an outage, and it has been logged under the correlation id.",
        List.of(),
        null,
        request);
  }

  /** That an answer could not be written, which its writer tells in words of its own. */
  private static boolean isOfWriting(Throwable e) {
    return Stream.iterate(e, Objects::nonNull, Throwable::getCause)
        .anyMatch(AsyncRequestNotUsableException.class::isInstance);
  }

  static ResponseEntity<Map<String, Object>> answer(
      Problem problem,
      String detail,
      List<FieldError> errors,
      @Nullable Duration retryAfter,
      HttpServletRequest request) {
    HttpHeaders headers = new HttpHeaders();
    headers.setContentType(PROBLEM);
    Duration wait =
        retryAfter == null && problem.status() == 503 ? Duration.ofSeconds(1) : retryAfter;
    if (wait != null) {
      headers.set(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, wait.toSeconds())));
    }
    if (problem == Problem.UNAUTHORIZED) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    return new ResponseEntity<>(
        body(problem, detail, errors, CorrelationFilter.of(request)), headers, problem.status());
  }

  /**
   * The body of a problem, with the brief's {@code success} and {@code message} beside RFC 9457.
   */
  public static Map<String, Object> body(
      Problem problem, String detail, List<FieldError> errors, @Nullable Correlation correlation) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("success", false);
    body.put("message", detail);
    body.put("type", "https://postrider.dev/problems#" + problem.code());
    body.put("title", problem.title());
    body.put("status", problem.status());
    body.put("detail", detail);
    body.put("code", problem.code());
    body.put(Correlation.MDC_KEY, correlation == null ? null : correlation.id());
    if (!errors.isEmpty()) {
      body.put(
          "errors",
          errors.stream()
              .map(error ->
                  Map.of(
                      "field", error.field(),
                      "pointer", error.pointer(),
                      "detail", error.detail()))
              .toList());
    }
    return body;
  }
}
