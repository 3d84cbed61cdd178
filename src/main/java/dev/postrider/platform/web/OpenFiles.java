package dev.postrider.platform.web;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Says at the start when this process may not open as many files as it can come to need: without, a
 * crowd would leave new connections unanswered, and attempts without a socket.
 */
@Component
class OpenFiles {
  private static final Logger log = LoggerFactory.getLogger(OpenFiles.class);

  /** Libraries, the database, and what is called or was a moment ago. */
  private static final int OF_ITS_OWN = 1024;

  private final int connections;

  OpenFiles(@Value("${server.tomcat.max-connections}") int connections) {
    this.connections = connections;
  }

  /**
   * A connection that is closed gives its file back when the one thread that reads them all comes
   * round, and counts no more meanwhile: each may have one such before it.
   */
  int wanted() {
    return 2 * connections + OF_ITS_OWN;
  }

  boolean isEnough(long limit) {
    return limit >= wanted();
  }

  @EventListener(ApplicationReadyEvent.class)
  void check() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      // Java has raised it as far as it may.
      long limit = system.getMaxFileDescriptorCount();
      if (!isEnough(limit)) {
        log.atWarn()
            .addKeyValue("limit", limit)
            .addKeyValue("wanted", wanted())
            .log("service.few_open_files");
      }
    }
  }
}
