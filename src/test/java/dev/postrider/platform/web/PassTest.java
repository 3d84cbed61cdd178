package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.platform.FairRoom;
import dev.postrider.platform.Json;
import dev.postrider.platform.Problem;
import dev.postrider.platform.ProblemException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;

class PassTest {
  private final Crowd.Door door = new Crowd().api();
  private final FairRoom room = door.bodies();
  private final MockHttpServletRequest request = new MockHttpServletRequest();
  private final AtomicInteger refusals = new AtomicInteger();

  private Pass entered(int announced) {
    Pass pass = new Pass(door, "a", refusals::incrementAndGet);
    assertThat(pass.enter(request, announced)).isTrue();
    return pass;
  }

  @Test
  void smallBodiesTakeNoRoom() {
    Pass pass = entered(300);
    Pass.read(request, Json.utf8("{\"message_content\":\"Hello\",\"recipient\":\"+15551239999\"}"));
    assertThat(room.of("a")).isZero();
    pass.leave();
  }

  /** Who announces much and sends little, or nothing, takes little. */
  @Test
  void roomIsTakenForWhatComes() {
    Pass pass = entered(Body.CALLBACK);
    assertThat(room.of("a")).as("its beginning").isEqualTo(32);
    Pass.reading(request, 64 * 1024);
    assertThat(room.of("a")).isEqualTo(128);
    Pass.read(request, new byte[10 * 1024]);
    assertThat(room.of("a")).isEqualTo(20);
    pass.leave();
    assertThat(room.of("a")).isZero();
  }

  @Test
  void whatWouldTakeTooMuchIsRefused() {
    Pass pass = entered(Body.BATCH);
    byte[] body = Json.utf8("[" + "{},".repeat(600_000) + "{}]");
    assertThatThrownBy(() -> Pass.read(request, body))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem()).isEqualTo(Problem.PAYLOAD_TOO_LARGE));
    pass.leave();
    assertThat(room.of("a")).isZero();
  }

  /** It repeats what was refused, as long as ever. */
  @Test
  void aCallbackOfMetasFindsRoomHoweverLongAndDenseItIs() {
    Pass pass = new Pass(new Crowd().callbacks(), "a", refusals::incrementAndGet);
    assertThat(pass.enter(request, Body.CALLBACK)).isTrue();
    String status =
        """
        {"id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3N0EyMTlGNzhFMkYzNEJDRjMA","status":"delivered",\
        "timestamp":"1750263773","recipient_id":"16505551234","conversation":{"id":\
        "6ceb9d929c9bdc4f90e967a32f8639b4","origin":{"type":"marketing"}},"pricing":{"billable":true,\
        "pricing_model":"PMP","category":"marketing","type":"regular"}},\
        """;
    Pass.read(request, Json.utf8(status.repeat(Body.CALLBACK / status.length())));
    pass.leave();
  }

  @Test
  void whatFindsNoRoomWhenItIsReadIsToBeSentAgain() {
    byte[] body = Json.utf8("[" + "{},".repeat(100_000) + "{}]");
    for (int i = 0; i < 2; i++) {
      entered(body.length);
      Pass.read(request, body);
    }
    Pass third = entered(body.length);
    assertThatThrownBy(() -> Pass.read(request, body))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.OVERLOADED));
    assertThat(refusals).hasValue(1);
    third.leave();
    assertThat(room.of("a")).isEqualTo(2 * Pass.weight(body));
  }

  /** The estimate is above what a tree of the densest JSON takes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{}", "[]", "0", "\"ab\"", "{\"q\":\"a\"}", "[1234567,1]", "{\"a\":[{\"b\":{}}]}"})
  void noTreeTakesMoreThanItsWeight(String value) {
    int count = 200_000;
    byte[] body = Json.utf8("[" + (value + ",").repeat(count) + value + "]");
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    long before = runtime.totalMemory() - runtime.freeMemory();
    Object tree = Json.mapper().readTree(body);
    System.gc();
    long taken = runtime.totalMemory() - runtime.freeMemory() - before;
    assertThat(tree).isNotNull();
    assertThat(taken / 1024).isLessThan(Pass.weight(body));
  }
}
