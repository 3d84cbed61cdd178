package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Applications and their senders, changed by several at once. */
class ApplicationsE2ETest {
  private static final int TIMES = 20;

  private final RunningService service = RunningService.shared();

  private static List<Api.Answer> atOnce(List<Callable<Api.Answer>> requests) throws Exception {
    CyclicBarrier start = new CyclicBarrier(requests.size());
    List<Api.Answer> answers = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Answer>> asked = new ArrayList<>();
      for (Callable<Api.Answer> request : requests) {
        asked.add(
            callers.submit(() -> {
              start.await();
              return request.call();
            }));
      }
      for (Future<Api.Answer> one : asked) {
        answers.add(one.get());
      }
    }
    return answers;
  }

  /** As a script sets an application up. */
  @Test
  void sendersMadeAtOnceAreAllMadeAndOneIsTheDefault() throws Exception {
    for (int i = 0; i < TIMES; i++) {
      TestApp app = service.app();
      String senders = "/api/applications/" + app.id() + "/senders";
      List<Api.Answer> made =
          atOnce(
              List.of(
                  () -> app.api().post(senders, "{\"provider\":\"sandbox\"}"),
                  () ->
                      app.api()
                          .post(senders, "{\"provider\":\"sandbox\",\"address\":\"+15559990000\"}"),
                  () ->
                      app.api()
                          .post(
                              senders,
                              "{\"provider\":\"sandbox\",\"address\":\"+15559990001\",\"is_default\":true}")));
      assertThat(made).allSatisfy(it -> assertThat(it.status()).as(it.body()).isEqualTo(201));
      assertThat(
              app.api()
                  .get(senders)
                  .data()
                  .path("items")
                  .valueStream()
                  .filter(it -> it.path("is_default").asBoolean()))
          .hasSize(1);
    }
  }

  @Test
  void changesOfDifferentThingsAreAllMade() throws Exception {
    TestApp app = service.app();
    String path = "/api/applications/" + app.id();
    Api operator = service.admin();
    for (int i = 0; i < TIMES; i++) {
      String name = "changed " + app.id() + " " + i;
      String recipient = "+1555123%04d".formatted(i);
      atOnce(
          List.of(
              () -> operator.patch(path, "{\"app_name\":\"" + name + "\"}"),
              () -> operator.patch(path, "{\"default_recipient\":\"" + recipient + "\"}")));
      JsonNode now = operator.get(path).data();
      assertThat(now.path("app_name").asString()).isEqualTo(name);
      assertThat(now.path("default_recipient").asString()).isEqualTo(recipient);
    }
    assertThat(
            operator
                .patch(path, "{\"default_recipient\":\"\"}")
                .data()
                .path("default_recipient")
                .isNull())
        .isTrue();
  }
}
