package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.platform.ProblemException;
import dev.postrider.testing.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class CrowdFilterTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  /** Of a clock that stands still: one is told at once, one is held. */
  private final Tarpit tarpit = new Tarpit(1, 1, Duration.ofSeconds(2), () -> 0);

  private final CrowdFilter filter = new CrowdFilter(new Crowd(), tarpit, registry);
  private final CountDownLatch leave = new CountDownLatch(1);
  private volatile String key = "pr_live_aaaaaaaaaaaa_x";

  private MockHttpServletRequest request(String path, int length) {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", path);
    request.addHeader("X-Api-Key", key);
    request.setServletPath(path);
    request.setContent(new byte[length]);
    request.setAsyncSupported(true);
    return request;
  }

  /** So many requests that are under way until the test lets them go. */
  private List<Thread> crowd(int count, String path, int length) throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(count);
    FilterChain stay =
        (request, _) -> {
          Body.raw((HttpServletRequest) request, Body.CALLBACK);
          inside.countDown();
          try {
            leave.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  filter.doFilter(request(path, length), new MockHttpServletResponse(), stay);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
    return threads;
  }

  private MockHttpServletResponse one(String path, int length) throws Exception {
    MockHttpServletResponse response = new MockHttpServletResponse();
    filter.doFilter(
        request(path, length),
        response,
        (request, _) -> {
          try {
            Body.raw((HttpServletRequest) request, Body.CALLBACK);
            response.setStatus(201);
          } catch (ProblemException e) {
            response.setStatus(e.problem().status());
          }
        });
    return response;
  }

  @Test
  void turnsAwayTheOneTooManyAndTakesItWhenAnotherHasLeft() throws Exception {
    List<Thread> crowd = crowd(192, "/api/messages/1", 10);
    MockHttpServletResponse refused = one("/api/messages/1", 10);
    assertThat(refused.getStatus()).isEqualTo(429);
    assertThat(refused.getHeader("Retry-After")).isEqualTo("1");
    assertThat(refused.getContentAsString())
        .contains("\"code\":\"overloaded\"")
        .contains("192 of them yours");
    assertThat(registry.counter(CrowdFilter.TURNED_AWAY).count()).isEqualTo(1);
    assertThat(one("/hooks/waha/1", 10).getStatus()).as("callbacks have their own").isEqualTo(201);
    assertThat(one("/health/ready", 0).getStatus()).as("never counted").isEqualTo(201);
    leave.countDown();
    for (Thread thread : crowd) {
      thread.join();
    }
    assertThat(one("/api/messages/1", 10).getStatus()).isEqualTo(201);
  }

  @Test
  void holdsWhatComesBackAtOnceForAMoment() throws Exception {
    List<Thread> crowd = crowd(192, "/api/messages/1", 10);
    assertThat(one("/api/messages/1", 10).getStatus()).as("at once").isEqualTo(429);
    MockHttpServletRequest back = request("/api/messages/1", 10);
    MockHttpServletResponse later = new MockHttpServletResponse();
    long start = System.nanoTime();
    filter.doFilter(back, later, (_, _) -> {});
    assertThat(back.isAsyncStarted()).isTrue();
    assertThat(one("/api/messages/1", 10).getStatus()).as("only so many are held").isEqualTo(429);
    Eventually.value(later::getStatus, it -> it == 429);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(tarpit.hold());
    assertThat(later.getHeader("Retry-After")).isEqualTo("1");
    Eventually.value(back::isAsyncStarted, it -> !it);
    assertThat(registry.counter(CrowdFilter.TURNED_AWAY).count()).isEqualTo(3);
    leave.countDown();
    for (Thread thread : crowd) {
      thread.join();
    }
  }

  /** There are providers that repeat nothing that is answered 429. */
  @Test
  void tellsProvidersThatItIsUnavailable() throws Exception {
    List<Thread> crowd = crowd(96, "/hooks/twilio/1", 10);
    MockHttpServletResponse refused = one("/hooks/twilio/1", 10);
    assertThat(refused.getStatus()).isEqualTo(503);
    assertThat(refused.getHeader("Retry-After")).isEqualTo("1");
    assertThat(one("/hooks/twilio/2", 10).getStatus()).as("another sender's").isEqualTo(201);
    leave.countDown();
    for (Thread thread : crowd) {
      thread.join();
    }
  }

  /** Who sends more than is taken, or sends slowly, leaves room to the others. */
  @Test
  void oneKeyLeavesRoomToTheOthers() throws Exception {
    List<Thread> crowd = new ArrayList<>(crowd(192, "/api/messages/1", 10));
    key = "pr_live_bbbbbbbbbbbb_x";
    crowd.addAll(crowd(48, "/api/messages/2", 10));
    assertThat(one("/api/messages/2", 10).getStatus()).isEqualTo(429);
    key = "pr_live_cccccccccccc_x";
    assertThat(one("/api/messages/3", 10).getStatus()).as("sixteen are left").isEqualTo(201);
    leave.countDown();
    for (Thread thread : crowd) {
      thread.join();
    }
  }

  /** Anybody can begin one, and keep it for a while. */
  @Test
  void largeCallbacksLeaveTheApiItsRoom() throws Exception {
    List<Thread> crowd = crowd(5, "/hooks/waha/1", 3 * 1024 * 1024);
    assertThat(one("/hooks/waha/1", 4096).getStatus()).isEqualTo(503);
    assertThat(one("/hooks/waha/2", 1024 * 1024).getStatus()).as("another's").isEqualTo(201);
    assertThat(one("/hooks/waha/1", 100).getStatus()).as("a small one fits").isEqualTo(201);
    assertThat(one("/api/messages/1/batch", 2 * 1024 * 1024).getStatus()).isEqualTo(201);
    leave.countDown();
    for (Thread thread : crowd) {
      thread.join();
    }
    assertThat(one("/hooks/waha/1", 4096).getStatus()).isEqualTo(201);
  }

  /** Half a megabyte each, for anybody. */
  @Test
  void theDocumentIsToldToSoManyAtOnce() throws Exception {
    List<Thread> crowd = crowd(12, "/openapi.json", 0);
    assertThat(one("/openapi.json.yaml", 0).getStatus()).isEqualTo(429);
    assertThat(one("/api/messages/1", 10).getStatus()).isEqualTo(201);
    leave.countDown();
    for (Thread thread : crowd) {
      thread.join();
    }
  }

  /** The same sender's address can be written in many ways. */
  @Test
  void otherSpellingsOfASenderShareWhatOneMayHave() throws Exception {
    List<Thread> crowd = new ArrayList<>();
    for (String spelling : List.of("01", "001", "+1", "1;a=b", "0x1")) {
      crowd.addAll(crowd(8, "/hooks/waha/" + spelling, 10));
    }
    crowd.addAll(crowd(56, "/hooks/waha/00000001", 10));
    assertThat(one("/hooks/waha/0001", 10).getStatus()).isEqualTo(503);
    assertThat(one("/hooks/waha/1", 10).getStatus()).isEqualTo(201);
    leave.countDown();
    for (Thread thread : crowd) {
      thread.join();
    }
  }

  @Test
  void boundsTheirBodiesTogether() throws Exception {
    List<Thread> crowd = crowd(12, "/api/messages/1/batch", 2 * 1024 * 1024);
    assertThat(one("/api/messages/1/batch", 4096).getStatus()).isEqualTo(429);
    assertThat(one("/api/messages/1", 100).getStatus()).as("a small one fits").isEqualTo(201);
    leave.countDown();
    for (Thread thread : crowd) {
      thread.join();
    }
    assertThat(one("/api/messages/1/batch", 4096).getStatus()).isEqualTo(201);
  }
}
