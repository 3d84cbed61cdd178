package dev.postrider.simulator;

import dev.postrider.simulator.HttpStub.Answer;
import dev.postrider.simulator.HttpStub.Request;
import java.io.ByteArrayOutputStream;
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
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
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

  /**
   * A request to send, whatever became of it; told of before it is answered.
   *
   * @param key the message's id on WhatsApp where it was taken, empty where it was not
   * @param retryAfter what the answer will ask for, empty where it asks for nothing
   */
  public record Call(
      Instant at,
      String session,
      String chatId,
      String text,
      Mood mood,
      String key,
      String retryAfter,
      String correlationId) {
    public boolean taken() {
      return !key.isEmpty();
    }
  }

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
    /** Takes it and answers with headers without end. */
    ENDLESS_HEADERS,
    /** Takes it and answers with a body of a gigabyte. */
    ENDLESS_BODY,
    /** Takes it and answers in chunks without end. */
    ENDLESS_CHUNKS,
    /** Takes it and answers with what unpacks to a hundred times its size. */
    GZIP_BOMB,
    /** Takes it and promises an answer over and over: 100 Continue. */
    CONTINUE_FLOOD,
    /** Takes it and answers without a status line. */
    NO_STATUS_LINE,
    /** Takes it and answers 200 with nothing. */
    EMPTY,
    /** Takes it and answers with an id of the wrong type. */
    WRONG_TYPES,
    /** Takes it and names the id twice, differently. */
    DUPLICATE_KEYS,
    /** Takes it and names the id it named the last time. */
    SAME_ID,
    /** Sends elsewhere, where a second take would be counted. */
    REDIRECT,
    STATUS_400,
    STATUS_404,
    STATUS_413,
    STATUS_422,
    STATUS_429,
    STATUS_500,
    STATUS_502,
    STATUS_503,
    STATUS_504
  }

  private volatile int ack = 1;

  private final HttpStub http;
  private final String apiKey;
  private final Map<String, String> sessions =
      new ConcurrentHashMap<>(Map.of("default", "WORKING"));
  private final List<Arrival> journal = Collections.synchronizedList(new ArrayList<>());
  private final Set<String> keys = ConcurrentHashMap.newKeySet();
  private final Set<String> strangers = ConcurrentHashMap.newKeySet();

  /** What is answered to whoever asks for a number; null for the truth. */
  private volatile @Nullable String checksSay;

  private final Deque<Mood> moods = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicInteger arrivals = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<String, Long> delays = new ConcurrentHashMap<>();
  private volatile Function<String, Mood> moodOf = _ -> Mood.FINE;
  private volatile Consumer<Call> listener = _ -> {};
  private volatile String lastKey = "3EB0000000000000000000";
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
    moodOf = _ -> mood;
  }

  /** What every send meets, by its session. */
  public void moods(Function<String, Mood> ofSession) {
    moodOf = ofSession;
  }

  /** Who is told of every call, before it is answered. */
  public void listener(Consumer<Call> told) {
    listener = told;
  }

  /** How long every send takes, after it was taken and before it is answered. */
  public void takes(Duration time) {
    delayNanos = time.toNanos();
  }

  /** How long the sends of one session take. */
  public void takes(String session, Duration time) {
    delays.put(session, time.toNanos());
  }

  public void retryAfter(String header) {
    retryAfter = header;
  }

  public void checksSay(@Nullable String json) {
    checksSay = json;
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
    return answer(mood(session), request, session, body);
  }

  private Answer answer(Mood mood, Request request, String session, String body) {
    return switch (mood) {
      case RESET -> {
        tell(request, session, body, mood, "", "");
        yield new Answer.Reset();
      }
      case REDIRECT -> {
        tell(request, session, body, mood, "", "");
        yield new Answer.Full(307, Map.of("Location", url() + request.path()), new byte[0]);
      }
      case HTML -> {
        tell(request, session, body, mood, "", "");
        yield HttpStub.json(200, "<html>It works</html>");
      }
      case STATUS_400, STATUS_404, STATUS_413, STATUS_422 -> {
        tell(request, session, body, mood, "", "");
        yield HttpStub.json(status(mood), "{\"message\":\"chatId is wrong\"}");
      }
      case STATUS_500, STATUS_502, STATUS_504 -> {
        tell(request, session, body, mood, "", "");
        yield HttpStub.json(status(mood), "{\"message\":\"Internal server error\"}");
      }
      case STATUS_429, STATUS_503 -> {
        tell(request, session, body, mood, "", retryAfter);
        yield refusal(status(mood));
      }
      default -> taken(mood, take(mood, request, session, body));
    };
  }

  private static int status(Mood mood) {
    return Integer.parseInt(mood.name().substring("STATUS_".length()));
  }

  /** It is on WhatsApp; now the answer. */
  private Answer taken(Mood mood, Arrival arrival) {
    return switch (mood) {
      case RAW_SHAPE -> HttpStub.json(201, rawShape(arrival));
      case TAKE_AND_RESET -> new Answer.Reset();
      case TAKE_AND_SILENCE -> new Answer.Silence();
      case DRIP -> new Answer.Drip();
      case ENDLESS_HEADERS -> Answer.Raw.of("HTTP/1.1 200 x\r\n", "X-More: and more\r\n");
      case ENDLESS_BODY ->
          Answer.Raw.of("HTTP/1.1 200 x\r\nContent-Length: 1073741824\r\n\r\n", "x".repeat(8192));
      case ENDLESS_CHUNKS ->
          Answer.Raw.of("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nxxxxx\r\n");
      case GZIP_BOMB -> new Answer.Full(200, Map.of("Content-Encoding", "gzip"), bomb());
      case CONTINUE_FLOOD -> Answer.Raw.of("", "HTTP/1.1 100 Continue\r\n\r\n");
      case NO_STATUS_LINE -> Answer.Raw.of("{\"id\":\"3EB0\"}", "");
      case EMPTY -> HttpStub.json(200, "");
      case NO_ID -> HttpStub.json(201, "{}");
      case WRONG_TYPES -> HttpStub.json(201, "{\"id\":{\"id\":[7]},\"key\":17}");
      case DUPLICATE_KEYS -> HttpStub.json(201, "{\"id\":\"3EB0A\",\"id\":\"3EB0B\"}");
      default -> HttpStub.json(201, plainShape(arrival));
    };
  }

  private static byte[] bomb() {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(new byte[8 * 1024 * 1024]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  private Answer refusal(int status) {
    return new Answer.Full(status, Map.of("Retry-After", retryAfter), new byte[0]);
  }

  private Mood mood(String session) {
    lock.lock();
    try {
      return moods.isEmpty() ? moodOf.apply(session) : moods.remove();
    } finally {
      lock.unlock();
    }
  }

  private void tell(
      Request request, String session, String body, Mood mood, String key, String told) {
    if (journaling) {
      listener.accept(
          new Call(
              Instant.now(),
              session,
              field(body, "chatId"),
              field(body, "text") + field(body, "caption"),
              mood,
              key,
              told,
              request.header("x-correlation-id")));
    }
  }

  private Arrival take(Mood mood, Request request, String session, String body) {
    int number = arrivals.incrementAndGet();
    String wanted = field(body, "id");
    String own = wanted.isEmpty() ? "3EB0%018X".formatted(number) : wanted;
    String key = mood == Mood.SAME_ID ? lastKey : own;
    lastKey = key;
    tell(request, session, body, mood, key, "");
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
    long wait = delays.isEmpty() ? delayNanos : delays.getOrDefault(session, delayNanos);
    if (wait > 0) {
      LockSupport.parkNanos(wait);
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

  /** What a look-up says of each message from now on: -1 error, 0 pending, 1 server. */
  public void ack(int now) {
    ack = now;
  }

  private Answer find(String path) {
    String id =
        URLDecoder.decode(path.substring(path.lastIndexOf('/') + 1), StandardCharsets.UTF_8);
    String key = id.substring(id.lastIndexOf('_') + 1);
    return keys.contains(key)
        ? HttpStub.json(200, "{\"id\":\"" + id + "\",\"fromMe\":true,\"ack\":" + ack + "}")
        : HttpStub.json(404, "{\"message\":\"Message not found\",\"statusCode\":404}");
  }

  private Answer checkExists(String path) {
    String phone = path.substring(path.indexOf("phone=") + 6).split("&", 2)[0];
    String said = checksSay;
    if (said != null) {
      return HttpStub.json(200, said);
    }
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

  /** A header of the last request. */
  public String lastHeader(String name) {
    return http.lastHeader(name);
  }

  @Override
  public void close() {
    http.close();
  }
}
