package dev.postrider;

import dev.postrider.platform.Home;
import dev.postrider.platform.Json;
import dev.postrider.platform.Settings;
import dev.postrider.platform.SettingsException;
import dev.postrider.platform.secret.MasterKey;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
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
    try {
      Settings settings = Settings.read(System.getenv(), isTerminal());
      ConfigurableApplicationContext context = start(settings, arguments);
      // A drained stop is a success: without this the JVM would report the signal that asked for
      // it.
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    context.close();
                    Runtime.getRuntime().halt(0);
                  },
                  "shutdown"));
    } catch (RuntimeException e) {
      SettingsException setting = StartFailureReporter.setting(e);
      if (setting == null) {
        throw e;
      }
      System.err.println("postrider: " + setting.getMessage());
      System.exit(BAD_SETTING);
    }
  }

  @SuppressWarnings("SystemConsoleNull") // null under -Djdk.console=java.base
  private static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  /** Starts the service with these settings; closing the context stops it. */
  public static ConfigurableApplicationContext start(Settings settings, String... arguments) {
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
  InstantSource clock() {
    return InstantSource.system();
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
