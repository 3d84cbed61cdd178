package dev.postrider.testing;

import dev.postrider.PostriderApplication;
import dev.postrider.platform.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole service in this JVM, over HTTP, with a database and a data directory of its own. */
public final class RunningService implements AutoCloseable {
  private static final AtomicInteger APPS = new AtomicInteger();
  private final ConfigurableApplicationContext context;
  private final TestDatabase database;
  private final Path home;
  private final Api admin;

  private RunningService(ConfigurableApplicationContext context, TestDatabase database, Path home) {
    this.context = context;
    this.database = database;
    this.home = home;
    int port =
        java.util.Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer())
            .getPort();
    this.admin = new Api("http://127.0.0.1:" + port, read(home.resolve("admin-key")));
  }

  /** One service for all tests that leave it as they found it. */
  public static RunningService shared() {
    return Shared.SERVICE;
  }

  /** Started when it is first asked for, stopped with the JVM. */
  private static final class Shared {
    static final RunningService SERVICE = start(Map.of());

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(SERVICE::close));
    }
  }

  public static RunningService start(Map<String, String> environment, String... options) {
    return start(TestDatabase.create(), newHome(), environment, options);
  }

  public static RunningService start(
      TestDatabase database, Path home, Map<String, String> environment, String... options) {
    Map<String, String> all = new HashMap<>(database.environment());
    all.put("POSTRIDER_PORT", "0");
    all.put("POSTRIDER_HOME", home.toString());
    all.put("POSTRIDER_LOG", "json");
    all.putAll(environment);
    return new RunningService(
        PostriderApplication.start(Settings.read(all, false), quiet(options)), database, home);
  }

  private static String[] quiet(String[] options) {
    String[] all = java.util.Arrays.copyOf(options, options.length + 1);
    all[options.length] = "--logging.level.dev.postrider=error";
    return all;
  }

  public static Path newHome() {
    try {
      return Files.createTempDirectory("postrider-test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Api admin() {
    return admin;
  }

  public TestDatabase database() {
    return database;
  }

  public Path home() {
    return home;
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** An application and its key. */
  public record TestApp(long id, String key, Api api) {
    public String path() {
      return "/api/messages/" + id;
    }

    /** The path of the sender that was made first. */
    public String firstSender() {
      String senders = "/api/applications/" + id + "/senders";
      return senders + "/" + api.get(senders).data().at("/items/0/sender_id").asLong();
    }

    /** Adds a sender with the application's own key; returns its id. */
    public long sender(String json) {
      Api.Answer answer = api.post("/api/applications/" + id + "/senders", json);
      if (answer.status() != 201) {
        throw new AssertionError(answer.body());
      }
      return answer.data().path("sender_id").asLong();
    }
  }

  public TestApp app() {
    Api.Answer answer =
        admin.post("/api/applications", "{\"app_name\":\"app " + APPS.incrementAndGet() + "\"}");
    long id = answer.data().path("app_id").asLong();
    String key = answer.data().path("api_key").asString();
    return new TestApp(id, key, admin.as(key));
  }

  /** An application with a sandbox sender. */
  public TestApp sandboxApp() {
    TestApp app = app();
    app.sender("{\"provider\":\"sandbox\"}");
    return app;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
