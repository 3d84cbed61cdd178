package dev.postrider.operation;

import dev.postrider.app.FirstApp;
import dev.postrider.platform.Home;
import dev.postrider.platform.Node;
import dev.postrider.platform.Secret;
import dev.postrider.platform.Settings;
import java.io.PrintStream;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says where the service listens and where its keys are, once it is ready. */
@Component
class Announcement {
  private final Settings settings;
  private final Home home;
  private final FirstApp firstApp;
  private final Service service;
  private final Node node;

  Announcement(Settings settings, Home home, FirstApp firstApp, Service service, Node node) {
    this.settings = settings;
    this.home = home;
    this.firstApp = firstApp;
    this.service = service;
    this.node = node;
  }

  @EventListener
  void ready(ApplicationReadyEvent event) {
    int port =
        event.getApplicationContext() instanceof WebServerApplicationContext web
                && web.getWebServer() != null
            ? web.getWebServer().getPort()
            : settings.port();
    firstApp.create();
    if (!settings.json()) {
      print(System.out, settings.url(port)); // a person is watching
    } else {
      org.slf4j.LoggerFactory.getLogger(Announcement.class)
          .atInfo()
          .addKeyValue("url", settings.url(port))
          .addKeyValue("version", service.version())
          // As the attempts of this process name it.
          .addKeyValue("node", node.id())
          .addKeyValue("admin_key", adminKeyPlace())
          .log("service.ready");
    }
  }

  private String adminKeyPlace() {
    return settings.adminKey().isPresent()
        ? "POSTRIDER_ADMIN_KEY"
        : home.resolve("admin-key").toString();
  }

  private void print(PrintStream out, String url) {
    out.println();
    out.println("  Postrider " + service.version() + " listens on " + url);
    out.println("  API documents   " + url + "/docs");
    if (settings.adminKey().isEmpty()) {
      out.println("  admin key in    " + home.resolve("admin-key"));
      newAdminKey().ifPresent(key -> out.println("  shown this once " + key.value()));
    }
    if (home.has(FirstApp.KEY_FILE)) {
      out.println(
          "  app key in      " + home.resolve(FirstApp.KEY_FILE) + " (application \"default\")");
    }
    out.println();
  }

  /** The generated key, on the first start only. */
  private java.util.Optional<Secret> newAdminKey() {
    return home.firstSight("admin-key");
  }
}
