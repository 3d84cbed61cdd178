package dev.postrider.simulator;

import dev.postrider.platform.secret.Hmac;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Twilio's messages as its documentation has them, with the numbers of its test credentials
 * (twilio.com/docs/iam/test-credentials).
 */
public final class TwilioSimulator implements AutoCloseable {
  public static final String ACCOUNT = "AC" + "0123456789abcdef".repeat(2);
  public static final String TOKEN = "auth-token";
  public static final String FROM = "+15005550006";
  private static final Map<String, Integer> BAD_TO =
      Map.of(
          "+15005550001", 21211,
          "+15005550002", 21612,
          "+15005550003", 21408,
          "+15005550004", 21610,
          "+15005550009", 21614);
  private static final Map<String, Integer> BAD_FROM =
      Map.of("+15005550001", 21212, "+15005550007", 21606, "+15005550008", 21611);

  private final ConcurrentLinkedQueue<Map<String, String>> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicLong ids = new AtomicLong();
  private final HttpStub stub = new HttpStub(this::answer);

  /** What it does instead of its job; null: its job. */
  private volatile @Nullable Function<HttpStub.Request, HttpStub.Answer> instead;

  public String url() {
    return stub.url();
  }

  /** The forms of the messages that it took, oldest first. */
  public List<Map<String, String>> arrivals() {
    return List.copyOf(arrivals);
  }

  public void instead(@Nullable Function<HttpStub.Request, HttpStub.Answer> answer) {
    instead = answer;
  }

  private HttpStub.Answer answer(HttpStub.Request request) {
    Function<HttpStub.Request, HttpStub.Answer> other = instead;
    if (other != null) {
      return other.apply(request);
    }
    String basic =
        Base64.getEncoder()
            .encodeToString((ACCOUNT + ":" + TOKEN).getBytes(StandardCharsets.UTF_8));
    if (!request.header("authorization").equals("Basic " + basic)) {
      return error(401, 20003);
    }
    boolean known =
        request.method().equals("POST")
            && request.path().equals("/2010-04-01/Accounts/" + ACCOUNT + "/Messages.json");
    if (!known || !request.header("content-type").startsWith("application/x-www-form-urlencoded")) {
      return error(404, 20404);
    }
    Map<String, String> form = read(request.text());
    Integer bad = BAD_FROM.getOrDefault(form.getOrDefault("From", ""), BAD_TO.get(form.get("To")));
    if (bad != null) {
      return error(bad == 21611 ? 429 : 400, bad);
    }
    arrivals.add(form);
    return HttpStub.json(
        201, "{\"sid\":\"%s\",\"status\":\"queued\",\"error_code\":null}".formatted(sid()));
  }

  private String sid() {
    return "SM%032x".formatted(ids.incrementAndGet());
  }

  public static HttpStub.Answer error(int status, int code) {
    return HttpStub.json(
        status,
        """
        {"code":%d,"message":"The number +15005550001 is wrong","status":%d,
         "more_info":"https://www.twilio.com/docs/errors/%d"}
        """
            .formatted(code, status, code));
  }

  private static Map<String, String> read(String form) {
    return java.util.Arrays.stream(form.split("&"))
        .map(it -> it.split("=", 2))
        .collect(
            Collectors.toMap(
                it -> URLDecoder.decode(it[0], StandardCharsets.UTF_8),
                it -> URLDecoder.decode(it[1], StandardCharsets.UTF_8)));
  }

  /** The form of a status callback. */
  public static Map<String, String> status(String sid, String status, @Nullable String error) {
    Map<String, String> fields =
        new TreeMap<>(
            Map.of(
                "AccountSid", ACCOUNT,
                "MessageSid", sid,
                "MessageStatus", status,
                "From", FROM,
                "To", "+15558675310",
                "ApiVersion", "2010-04-01"));
    if (error != null) {
      fields.put("ErrorCode", error);
    }
    return fields;
  }

  public static String written(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(it -> it.getKey() + "=" + URLEncoder.encode(it.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  /** What Twilio puts into {@code X-Twilio-Signature}. */
  public static String signature(String url, Map<String, String> fields, String token) {
    StringBuilder signed = new StringBuilder(url);
    new TreeMap<>(fields).forEach((name, value) -> signed.append(name).append(value));
    return Base64.getEncoder()
        .encodeToString(Hmac.sha1(token.getBytes(StandardCharsets.UTF_8)).of(signed.toString()));
  }

  /** Calls back; returns the status of the answer. */
  public static int callBack(String to, String signedUrl, Map<String, String> fields) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(to))
            .header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
            .header("X-Twilio-Signature", signature(signedUrl, fields, TOKEN))
            .POST(HttpRequest.BodyPublishers.ofString(written(fields)))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A header of the last request. */
  public String lastHeader(String name) {
    return stub.lastHeader(name);
  }

  @Override
  public void close() {
    stub.close();
  }
}
