package dev.postrider.simulator;

import dev.postrider.simulator.HttpStub.Answer;
import dev.postrider.simulator.HttpStub.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A WAHA server as its documentation describes it: API key, sessions and their states, both shapes
 * of an answer, 401, 404 and 422, look-up by message id, signed callbacks with acks that may be
 * late, missing or repeated. What arrives is journalled before it is answered.
 */
public final class WahaSimulator implements AutoCloseable {

  /** A message that reached WhatsApp. */
  public record Arrival(
      int number,
      Instant at,
      String session,
      String path,
      String chatId,
      String text,
      String key,
      String correlationId) {}

  /** What to do with the next send. */
  public enum Mood {
    /** Takes it and says so. */
    FINE,
    /** Takes it and answers in the shape of older NOWEB engines. */
    RAW_SHAPE,
    /** Takes it, then the connection breaks. */
    TAKE_AND_RESET,
    /** Takes it, then says nothing. */
    TAKE_AND_SILENCE,
    /** The connection breaks before it is taken. */
    RESET,
    /** Takes it and names no id. */
    NO_ID,
    /** Answers 200 with a page of HTML. */
    HTML,
    /** Takes it and drips an answer. */
    DRIP,
    STATUS_400,
    STATUS_429,
    STATUS_500,
    STATUS_503
  }

  private final HttpStub http;
  private final String apiKey;
  private final Map<String, String> sessions =
      new ConcurrentHashMap<>(Map.of("default", "WORKING"));
  private final List<Arrival> journal = Collections.synchronizedList(new ArrayList<>());
  private final Set<String> keys = ConcurrentHashMap.newKeySet();
  private final Set<String> strangers = ConcurrentHashMap.newKeySet();
  private final Deque<Mood> moods = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicInteger arrivals = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile Mood everyMood = Mood.FINE;
  private volatile boolean journaling = true;
  private volatile String retryAfter = "2";
  private volatile long delayNanos;

  public WahaSimulator(String apiKey) {
    this(0, apiKey);
  }

  public WahaSimulator(int port, String apiKey) {
    this.apiKey = apiKey;
    this.http = new HttpStub(port, this::handle);
  }

  public String url() {
    return http.url();
  }

  public void session(String name, String status) {
    sessions.put(name, status);
  }

  /** What the next sends meet, one each; afterwards all is fine again. */
  public void next(Mood... wanted) {
    lock.lock();
    try {
      moods.addAll(List.of(wanted));
    } finally {
      lock.unlock();
    }
  }

  /** What every send meets from now on. */
  public void always(Mood mood) {
    everyMood = mood;
  }

  /** How long every send takes, after it was taken and before it is answered. */
  public void takes(Duration time) {
    delayNanos = time.toNanos();
  }

  public void retryAfter(String header) {
    retryAfter = header;
  }

  /** A number that is not on WhatsApp. */
  public void stranger(String digits) {
    strangers.add(digits);
  }

  /** Counts arrivals without keeping them, for a bench. */
  public void onlyCount() {
    journaling = false;
  }

  public List<Arrival> arrivals() {
    return List.copyOf(journal);
  }

  public int count() {
    return arrivals.get();
  }

  /** How many requests came, whatever became of them. */
  public int calls() {
    return calls.get();
  }

  private Answer handle(Request request) {
    calls.incrementAndGet();
    String path = request.path();
    if (path.equals("/ping")) {
      return HttpStub.json(200, "{\"message\":\"pong\"}");
    }
    if (!request.header("x-api-key").equals(apiKey)) {
      return HttpStub.json(401, "{\"message\":\"Unauthorized\",\"statusCode\":401}");
    }
    if (request.method().equals("POST") && path.startsWith("/api/send")) {
      return send(request);
    }
    if (path.startsWith("/api/contacts/check-exists?")) {
      return checkExists(path);
    }
    return path.contains("/messages/")
        ? find(path)
        : HttpStub.json(404, "{\"message\":\"Cannot GET\"}");
  }

  private Answer send(Request request) {
    String body = request.text();
    String session = field(body, "session");
    String status = sessions.get(session);
    if (status == null) {
      return HttpStub.json(404, "{\"message\":\"Session \\\"" + session + "\\\" does not exist\"}");
    }
    if (!status.equals("WORKING")) {
      return HttpStub.json(
          422,
          "{\"error\":\"Session status is not as expected. Try again later or restart the session\","
              + "\"session\":\""
              + session
              + "\",\"status\":\""
              + status
              + "\",\"expected\":[\"WORKING\"]}");
    }
    return switch (mood()) {
      case FINE -> HttpStub.json(201, plainShape(take(request, session, body)));
      case RAW_SHAPE -> HttpStub.json(201, rawShape(take(request, session, body)));
      case TAKE_AND_RESET -> {
        take(request, session, body);
        yield new Answer.Reset();
      }
      case TAKE_AND_SILENCE -> {
        take(request, session, body);
        yield new Answer.Silence();
      }
      case DRIP -> {
        take(request, session, body);
        yield new Answer.Drip();
      }
      case NO_ID -> {
        take(request, session, body);
        yield HttpStub.json(201, "{}");
      }
      case HTML -> HttpStub.json(200, "<html>It works</html>");
      case RESET -> new Answer.Reset();
      case STATUS_400 -> HttpStub.json(400, "{\"message\":\"chatId is wrong\",\"statusCode\":400}");
      case STATUS_429 -> refusal(429);
      case STATUS_500 -> HttpStub.json(500, "{\"message\":\"Internal server error\"}");
      case STATUS_503 -> refusal(503);
    };
  }

  private Answer refusal(int status) {
    return new Answer.Full(status, Map.of("Retry-After", retryAfter), new byte[0]);
  }

  private Mood mood() {
    lock.lock();
    try {
      return moods.isEmpty() ? everyMood : moods.remove();
    } finally {
      lock.unlock();
    }
  }

  private Arrival take(Request request, String session, String body) {
    int number = arrivals.incrementAndGet();
    String wanted = field(body, "id");
    String key = wanted.isEmpty() ? "3EB0%018X".formatted(number) : wanted;
    Arrival arrival =
        new Arrival(
            number,
            Instant.now(),
            session,
            request.path(),
            field(body, "chatId"),
            field(body, "text") + field(body, "caption"),
            key,
            request.header("x-correlation-id"));
    if (journaling) {
      keys.add(key);
      journal.add(arrival);
    }
    if (delayNanos > 0) {
      LockSupport.parkNanos(delayNanos);
    }
    return arrival;
  }

  private static String plainShape(Arrival arrival) {
    return "{\"id\":\"true_"
        + arrival.chatId()
        + "_"
        + arrival.key()
        + "\",\"timestamp\":1700000000,\"from\":\"me@c.us\",\"fromMe\":true,\"source\":\"api\",\"to\":\""
        + arrival.chatId()
        + "\",\"hasMedia\":false,\"ack\":0,\"ackName\":\"PENDING\"}";
  }

  private static String rawShape(Arrival arrival) {
    return "{\"key\":{\"remoteJid\":\""
        + arrival.chatId()
        + "\",\"fromMe\":true,\"id\":\""
        + arrival.key()
        + "\"},\"status\":\"PENDING\"}";
  }

  private Answer find(String path) {
    String id =
        URLDecoder.decode(path.substring(path.lastIndexOf('/') + 1), StandardCharsets.UTF_8);
    String key = id.substring(id.lastIndexOf('_') + 1);
    return keys.contains(key)
        ? HttpStub.json(200, "{\"id\":\"" + id + "\",\"fromMe\":true,\"ack\":1}")
        : HttpStub.json(404, "{\"message\":\"Message not found\",\"statusCode\":404}");
  }

  private Answer checkExists(String path) {
    String phone = path.substring(path.indexOf("phone=") + 6).split("&", 2)[0];
    if (strangers.contains(phone)) {
      return HttpStub.json(200, "{\"numberExists\":false}");
    }
    // A Brazilian mobile number that WhatsApp knows without its ninth digit.
    boolean ninth = phone.startsWith("55") && phone.length() == 13 && phone.charAt(4) == '9';
    String registered = ninth ? phone.substring(0, 4) + phone.substring(5) : phone;
    return HttpStub.json(200, "{\"numberExists\":true,\"chatId\":\"" + registered + "@c.us\"}");
  }

  /** The text of a field, as it stands between its quotes. Cheaper than a parser, for the bench. */
  private static String field(String json, String name) {
    String start = "\"" + name + "\":\"";
    int from = json.indexOf(start);
    if (from < 0) {
      return "";
    }
    from += start.length();
    int to = from;
    while (json.charAt(to) != '"') {
      to += json.charAt(to) == '\\' ? 2 : 1;
    }
    return json.substring(from, to);
  }

  /** A callback that tells of an ack, as WAHA would send it. */
  public static String ack(String session, String messageId, int ack) {
    return "{\"id\":\"evt_"
        + Long.toString(System.nanoTime(), 36)
        + "\",\"timestamp\":"
        + System.currentTimeMillis()
        + ",\"session\":\""
        + session
        + "\",\"engine\":\"NOWEB\",\"event\":\"message.ack\",\"payload\":{\"id\":\""
        + messageId
        + "\",\"from\":\"me@c.us\",\"fromMe\":true,\"ack\":"
        + ack
        + "}}";
  }

  /**
   * Sends a callback, signed with the key where there is one; returns the status it was met with.
   */
  public static int callBack(String url, String body, @Nullable String hmacKey) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (hmacKey != null) {
      request
          .header("X-Webhook-Hmac", hmac(body, hmacKey))
          .header("X-Webhook-Hmac-Algorithm", "sha512");
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Lower-case hexadecimal HMAC-SHA512 of the raw body. */
  public static String hmac(String body, String key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA512");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA512"));
      return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
