package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.RunningService;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrowdE2ETest {
  private static final RunningService SERVICE = RunningService.start(Map.of());

  /** Tomcat has been given the threads, whoever else gave it some. */
  @Test
  void whoFindsNoPlaceIsRefusedByAThreadOfTheSystem() {
    Crowd crowd = SERVICE.bean(Crowd.class);
    int places = crowd.requests().drainPermits();
    try {
      Api.Answer refused = SERVICE.admin().get("/api/applications");
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(refused.body()).contains("\"code\":\"overloaded\"");
      assertThat(Thread.getAllStackTraces().keySet())
          .anyMatch(thread -> thread.getName().startsWith("crowd-"));
      assertThat(SERVICE.admin().get("/health/ready").status()).isEqualTo(200);
    } finally {
      crowd.requests().release(places);
    }
    assertThat(SERVICE.admin().get("/api/applications").status()).isEqualTo(200);
  }
}
