package dev.postrider.platform;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the operator sets in the environment, read and checked once, before anything starts. Every
 * variable is described in docs/configuration.md (a test compares the two).
 *
 * @param port where the API listens; 0 picks a free port
 * @param bind the address it listens on
 * @param behindProxy whether a TLS-terminating proxy stands in front
 * @param tls certificate and key, when the service terminates TLS itself
 * @param home the data directory
 * @param postgres an existing server, or empty for the embedded one
 * @param adminKey the operator's own admin key, or empty for the generated one
 * @param masterKey 32 bytes in base64, or empty for the generated one
 * @param waha the WAHA server of the environment, used as every new application's default sender
 * @param defaultRecipient whom the first application's messages go to when they name no one
 * @param egressAllow networks that addresses given by customers may reach although they are private
 * @param json whether log lines are JSON objects
 */
public record Settings(
    int port,
    InetAddress bind,
    boolean behindProxy,
    Optional<Tls> tls,
    Path home,
    Optional<Postgres> postgres,
    Optional<Secret> adminKey,
    Optional<Secret> masterKey,
    Optional<Waha> waha,
    Optional<String> defaultRecipient,
    List<String> egressAllow,
    boolean json) {

  /** PEM files for the service's own TLS. */
  public record Tls(Path certificate, Path key) {}

  /** An existing PostgreSQL server. */
  public record Postgres(
      String host, int port, String database, String user, Secret password, String sslMode) {
    public String jdbcUrl() {
      return "jdbc:postgresql://" + host + ":" + port + "/" + database + "?sslmode=" + sslMode;
    }
  }

  /** The WAHA server of the environment. */
  public record Waha(URI url, Secret apiKey, String session, Optional<Secret> hmacKey) {}

  /** Every variable that is read, for the documentation's sake. */
  public static final Set<String> VARIABLES =
      Set.of(
          "POSTRIDER_PORT",
          "POSTRIDER_BIND",
          "POSTRIDER_BEHIND_PROXY",
          "POSTRIDER_TLS_CERT",
          "POSTRIDER_TLS_KEY",
          "POSTRIDER_HOME",
          "POSTRIDER_ADMIN_KEY",
          "POSTRIDER_MASTER_KEY",
          "POSTRIDER_MASTER_KEY_FILE",
          "POSTRIDER_DEFAULT_RECIPIENT",
          "POSTRIDER_EGRESS_ALLOW",
          "POSTRIDER_LOG",
          "POSTGRES_HOST",
          "POSTGRES_PORT",
          "POSTGRES_DB",
          "POSTGRES_USER",
          "POSTGRES_PASSWORD",
          "POSTGRES_SSLMODE",
          "WAHA_API_URL",
          "WAHA_API_KEY",
          "WAHA_SESSION",
          "WAHA_HMAC_KEY");

  private static final Set<String> SSL_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
  private static final List<String> DEFAULT_LOOKING =
      List.of("changeme", "change-me", "default", "secret", "password", "example", "admin", "test");

  /** Reads the environment; throws {@link SettingsException} for the first thing to mend. */
  public static Settings read(Map<String, String> environment, boolean terminal) {
    return new Reader(environment).settings(terminal);
  }

  private record Reader(Map<String, String> environment) {
    Settings settings(boolean terminal) {
      InetAddress bind = bind();
      boolean behindProxy = flag("POSTRIDER_BEHIND_PROXY");
      Optional<Tls> tls = tls();
      if (!bind.isLoopbackAddress() && !behindProxy && tls.isEmpty()) {
        throw new SettingsException(
            "POSTRIDER_BIND",
            "is not a loopback address, and API keys would travel in the clear",
            "Set POSTRIDER_TLS_CERT and POSTRIDER_TLS_KEY, or POSTRIDER_BEHIND_PROXY=true behind a"
                + " proxy that terminates TLS.");
      }
      return new Settings(
          number("POSTRIDER_PORT", 8000),
          bind,
          behindProxy,
          tls,
          Path.of(text("POSTRIDER_HOME").orElse(".postrider")).toAbsolutePath().normalize(),
          postgres(),
          text("POSTRIDER_ADMIN_KEY").map(key -> secret("POSTRIDER_ADMIN_KEY", key)),
          masterKey(),
          waha(),
          text("POSTRIDER_DEFAULT_RECIPIENT"),
          text("POSTRIDER_EGRESS_ALLOW")
              .map(list -> List.of(list.split("\\s*,\\s*")))
              .orElse(List.of()),
          json(terminal));
    }

    private Optional<String> text(String name) {
      return Optional.ofNullable(environment.get(name))
          .map(String::strip)
          .filter(v -> !v.isEmpty());
    }

    private int number(String name, int fallback) {
      return text(name)
          // Kubernetes sets a variable of this name where a service is called postrider, or
          // postgres.
          .filter(value -> !value.startsWith("tcp://"))
          .map(value -> {
            try {
              int number = Integer.parseInt(value);
              if (number >= 0 && number <= 65535) {
                return number;
              }
            } catch (NumberFormatException _) {
              // said below
            }
            throw new SettingsException(
                name,
                "must be a port from 0 to 65535, not \"" + shown(value) + "\"",
                "Unset it for " + fallback + ".");
          })
          .orElse(fallback);
    }

    private boolean flag(String name) {
      return text(name)
          .map(value ->
              switch (value.toLowerCase(Locale.ROOT)) {
                case "true", "1", "yes" -> true;
                case "false", "0", "no" -> false;
                default ->
                    throw new SettingsException(
                        name,
                        "must be true or false, not \"" + shown(value) + "\"",
                        "Unset it for false.");
              })
          .orElse(false);
    }

    private InetAddress bind() {
      String value = text("POSTRIDER_BIND").orElse("127.0.0.1");
      try {
        return InetAddress.getByName(value);
      } catch (UnknownHostException _) {
        throw new SettingsException(
            "POSTRIDER_BIND",
            "names no address of this machine: \"" + shown(value) + "\"",
            "Unset it for 127.0.0.1.");
      }
    }

    private Optional<Tls> tls() {
      Optional<String> certificate = text("POSTRIDER_TLS_CERT");
      Optional<String> key = text("POSTRIDER_TLS_KEY");
      if (certificate.isPresent() != key.isPresent()) {
        throw new SettingsException(
            certificate.isPresent() ? "POSTRIDER_TLS_KEY" : "POSTRIDER_TLS_CERT",
            "is missing while its counterpart is set",
            "Set both to PEM files, or neither.");
      }
      return certificate.map(path ->
          new Tls(
              readable("POSTRIDER_TLS_CERT", path),
              readable("POSTRIDER_TLS_KEY", key.orElseThrow())));
    }

    private static Path readable(String name, String value) {
      Path path = Path.of(value).toAbsolutePath();
      if (!path.toFile().canRead()) {
        throw new SettingsException(
            name, "names a file that cannot be read: " + path, "Mend the path or its permissions.");
      }
      return path;
    }

    private Optional<Postgres> postgres() {
      return text("POSTGRES_HOST")
          .map(host ->
              new Postgres(
                  host,
                  number("POSTGRES_PORT", 5432),
                  text("POSTGRES_DB").orElse("postrider"),
                  text("POSTGRES_USER").orElse("postrider"),
                  new Secret(
                      text("POSTGRES_PASSWORD")
                          .orElseThrow(() ->
                              new SettingsException(
                                  "POSTGRES_PASSWORD",
                                  "is missing while POSTGRES_HOST is set",
                                  "Set it, or unset POSTGRES_HOST for the embedded server."))),
                  sslMode()));
    }

    private String sslMode() {
      String mode = text("POSTGRES_SSLMODE").orElse("prefer");
      if (!SSL_MODES.contains(mode)) {
        throw new SettingsException(
            "POSTGRES_SSLMODE",
            "must be one of " + SSL_MODES.stream().sorted().toList(),
            "Unset it for prefer.");
      }
      return mode;
    }

    private Optional<Secret> masterKey() {
      Optional<String> key = text("POSTRIDER_MASTER_KEY");
      Optional<String> file = text("POSTRIDER_MASTER_KEY_FILE");
      if (key.isPresent() && file.isPresent()) {
        throw new SettingsException(
            "POSTRIDER_MASTER_KEY_FILE", "and POSTRIDER_MASTER_KEY are both set", "Unset one.");
      }
      return file.map(path -> Home.readSecret(readable("POSTRIDER_MASTER_KEY_FILE", path)))
          .or(() -> key.map(Secret::new));
    }

    private Optional<Waha> waha() {
      Optional<String> url = text("WAHA_API_URL");
      if (url.isEmpty()) {
        return Optional.empty();
      }
      URI uri = httpUri("WAHA_API_URL", url.get());
      Secret key =
          new Secret(
              text("WAHA_API_KEY")
                  .orElseThrow(() ->
                      new SettingsException(
                          "WAHA_API_KEY",
                          "is missing while WAHA_API_URL is set",
                          "Set it to the X-Api-Key of the WAHA server.")));
      return Optional.of(
          new Waha(
              uri,
              key,
              text("WAHA_SESSION").map(Reader::session).orElse("default"),
              text("WAHA_HMAC_KEY").map(Secret::new)));
    }

    private static String session(String value) {
      if (!value.matches("[A-Za-z0-9_-]{1,64}")) {
        throw new SettingsException(
            "WAHA_SESSION",
            "must be a WAHA session name, letters, digits, _ and -, not \"" + shown(value) + "\"",
            "Unset it for default.");
      }
      return value;
    }

    private static URI httpUri(String name, String value) {
      try {
        URI uri = URI.create(value.endsWith("/") ? value.substring(0, value.length() - 1) : value);
        if (uri.getHost() != null
            && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
          return uri;
        }
      } catch (IllegalArgumentException _) {
        // said below
      }
      throw new SettingsException(
          name, "must be a URL such as http://waha:3000", "Mend it or unset it.");
    }

    private boolean json(boolean terminal) {
      return switch (text("POSTRIDER_LOG").orElse(terminal ? "text" : "json")) {
        case "json" -> true;
        case "text" -> false;
        default ->
            throw new SettingsException(
                "POSTRIDER_LOG",
                "must be json or text",
                "Unset it for text on a terminal and json elsewhere.");
      };
    }

    private static Secret secret(String name, String value) {
      String lower = value.toLowerCase(Locale.ROOT);
      boolean guessable =
          value.length() < 32
              || value.chars().distinct().count() < 10
              || DEFAULT_LOOKING.stream().anyMatch(lower::startsWith);
      if (guessable) {
        throw new SettingsException(
            name,
            "is too short or looks like a default",
            "Use at least 32 random characters, or unset it to have one generated.");
      }
      return new Secret(value);
    }

    private static String shown(@Nullable String value) {
      return Text.cleaned(value, 60);
    }
  }

  /** Where callers on this machine reach the service. */
  public String url(int actualPort) {
    String host = bind.isAnyLocalAddress() ? "127.0.0.1" : bind.getHostAddress();
    return (tls.isPresent() ? "https://" : "http://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + actualPort;
  }

  /** Spring properties that follow from the settings. */
  public Map<String, Object> properties() {
    Map<String, Object> properties = new java.util.HashMap<>();
    properties.put("server.port", port);
    properties.put("server.address", bind.getHostAddress());
    tls.ifPresent(pem -> {
      properties.put("server.ssl.bundle", "postrider");
      String bundle = "spring.ssl.bundle.pem.postrider.";
      properties.put(bundle + "keystore.certificate", pem.certificate().toUri().toString());
      properties.put(bundle + "keystore.private-key", pem.key().toUri().toString());
      // A renewed certificate counts as soon as both files are there, and belong together.
      properties.put(bundle + "keystore.verify-keys", true);
      properties.put(bundle + "reload-on-update", true);
    });
    if (json) {
      properties.put("logging.structured.format.console", "ecs");
    }
    return properties;
  }

  @Override
  public String toString() {
    return "Settings" + Arrays.asList(port, bind, home);
  }
}
