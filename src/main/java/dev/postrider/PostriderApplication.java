package dev.postrider;

import dev.postrider.platform.Home;
import dev.postrider.platform.Json;
import dev.postrider.platform.Settings;
import dev.postrider.platform.SettingsException;
import dev.postrider.platform.Text;
import dev.postrider.platform.secret.MasterKey;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.ssl.PemSslBundleProperties;
import org.springframework.boot.autoconfigure.ssl.PropertiesSslBundle;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.json.JsonMapper;

/** Starts the service. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class PostriderApplication {
  private static final int BAD_SETTING = 2;

  public static void main(String[] arguments) {
    // From the first moment: whoever stops a start that takes its time is to find nothing running.
    Stop stop = new Stop();
    Runtime.getRuntime().addShutdownHook(new Thread(stop, "shutdown"));
    try {
      stop.started(start(Settings.read(System.getenv(), isTerminal()), arguments));
    } catch (RuntimeException | Error e) {
      stop.failed();
      SettingsException setting = StartFailureReporter.setting(e);
      if (setting == null) {
        throw e;
      }
      System.err.println("postrider: " + setting.getMessage());
      System.exit(BAD_SETTING);
    }
  }

  /** Ends the service, once its start is over. */
  private static final class Stop implements Runnable {
    /**
     * How long a start may take that is to be stopped: longer than any that need not recover after
     * a crash. After that PostgreSQL is left running, and the next start finds it.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final int TERMINATED = 143;

    private final CompletableFuture<@Nullable ConfigurableApplicationContext> service =
        new CompletableFuture<>();

    void started(ConfigurableApplicationContext context) {
      service.complete(context);
    }

    void failed() {
      service.complete(null);
    }

    @Override
    public void run() {
      try {
        ConfigurableApplicationContext context =
            service.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (context != null) {
          context.close();
          // A drained stop is a success: without this the JVM would report the signal that asked
          // for it.
          Runtime.getRuntime().halt(0);
        }
      } catch (TimeoutException | ExecutionException | InterruptedException _) {
        Runtime.getRuntime().halt(TERMINATED);
      }
    }
  }

  @SuppressWarnings("SystemConsoleNull") // null under -Djdk.console=java.base
  private static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  /** Starts the service with these settings; closing the context stops it. */
  public static ConfigurableApplicationContext start(Settings settings, String... arguments) {
    settings.tls().ifPresent(PostriderApplication::check);
    Home home = Home.open(settings.home());
    try {
      SpringApplication application = new SpringApplication(PostriderApplication.class);
      application.setBannerMode(Banner.Mode.OFF);
      application.setRegisterShutdownHook(false);
      application.setDefaultProperties(settings.properties());
      application.addInitializers(context -> provide(context, settings, home));
      return application.run(arguments);
    } catch (RuntimeException e) {
      home.close();
      throw e;
    }
  }

  /** That the files can be read and belong together, before anything starts. */
  private static void check(Settings.Tls tls) {
    PemSslBundleProperties pem = new PemSslBundleProperties();
    pem.getKeystore().setCertificate(tls.certificate().toUri().toString());
    pem.getKeystore().setPrivateKey(tls.key().toUri().toString());
    pem.getKeystore().setVerifyKeys(true);
    try {
      var _ = PropertiesSslBundle.get(pem).getStores().getKeyStore();
    } catch (RuntimeException e) {
      throw new SettingsException(
          "POSTRIDER_TLS_CERT",
          "and POSTRIDER_TLS_KEY are no certificate and its private key in PEM: "
              + Text.cleaned(e.getMessage(), 200),
          "Mend the files.");
    }
  }

  private static void provide(
      ConfigurableApplicationContext context, Settings settings, Home home) {
    GenericApplicationContext beans = (GenericApplicationContext) context;
    beans.registerBean(Settings.class, () -> settings);
    beans.registerBean(Home.class, () -> home);
  }

  @Bean
  MasterKey masterKey(Settings settings, Home home) {
    return MasterKey.parse(
        settings.masterKey().orElseGet(() -> home.secret("master-key", MasterKey::generate)));
  }

  @Bean
  RandomGenerator random() {
    return () -> ThreadLocalRandom.current().nextLong();
  }

  @Bean
  JsonMapper jsonMapper() {
    return Json.mapper();
  }
}
