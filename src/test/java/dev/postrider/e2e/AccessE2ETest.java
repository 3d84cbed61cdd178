package dev.postrider.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Api;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.RunningService;
import dev.postrider.testing.RunningService.TestApp;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who may do what, and that nobody sees what is another's. */
class AccessE2ETest {
  private final RunningService service = RunningService.shared();
  private final TestApp mine = service.sandboxApp();
  private final TestApp theirs = service.sandboxApp();

  @Test
  void asksForAKey() {
    assertThat(mine.api().as(null).get(mine.path()).status()).isEqualTo(401);
    assertThat(mine.api().as("pr_live_nonsense").get(mine.path()).status()).isEqualTo(401);
    String mistyped = mine.key().substring(0, mine.key().length() - 1) + "!";
    assertThat(mine.api().as(mistyped).get(mine.path()).status()).isEqualTo(401);
    Api.Answer bearer =
        mine.api()
            .as(null)
            .send("GET", mine.path(), null, Map.of("Authorization", "Bearer " + mine.key()));
    assertThat(bearer.status()).isEqualTo(200);
  }

  @Test
  void answersForeignIdsLikeUnknownOnes() {
    long message =
        theirs
            .api()
            .message(theirs.id(), "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}");
    List<String> rest =
        List.of("", "/" + message, "/" + message + "/logs", "/" + message + "/explain");
    for (String path : rest) {
      Api.Answer foreign = mine.api().get(theirs.path() + path);
      Api.Answer unknown = mine.api().get("/api/messages/999999" + path);
      assertThat(foreign.status()).isEqualTo(404);
      assertThat(withoutCorrelation(foreign)).isEqualTo(withoutCorrelation(unknown));
    }
    assertThat(mine.api().get("/api/metrics/" + theirs.id()).status()).isEqualTo(404);
    assertThat(mine.api().get("/api/sandbox/" + theirs.id() + "/messages").status()).isEqualTo(404);
    assertThat(mine.api().get("/api/applications/" + theirs.id() + "/senders").status())
        .isEqualTo(404);
    assertThat(mine.api().get(mine.path() + "/" + message).status()).isEqualTo(404);
    assertThat(mine.api().post(mine.path() + "/" + message + "/cancel", "").status())
        .isEqualTo(404);
    assertThat(mine.api().post(mine.path() + "/" + message + "/retry", "").status()).isEqualTo(404);
  }

  private static String withoutCorrelation(Api.Answer answer) {
    return answer.body().replaceAll("\"correlation_id\":\"[^\"]*\"", "");
  }

  @Test
  void keepsTheOperatorsRoutesForTheOperator() {
    assertThat(mine.api().get("/api/applications").status()).isEqualTo(403);
    assertThat(mine.api().post("/api/applications", "{\"app_name\":\"x\"}").status())
        .isEqualTo(403);
    assertThat(mine.api().post("/api/applications/" + mine.id() + "/keys", "{}").status())
        .isEqualTo(403);
    assertThat(service.admin().get(mine.path()).status()).isEqualTo(200);
    assertThat(service.admin().get("/api/messages/999999").status()).isEqualTo(404);
  }

  @Test
  void aForeignSenderCannotBeUsed() {
    long sender =
        theirs
            .api()
            .get("/api/applications/" + theirs.id() + "/senders")
            .data()
            .path("items")
            .get(0)
            .path("sender_id")
            .asLong();
    Api.Answer answer =
        mine.api()
            .post(
                mine.path(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230000\",\"sender_id\":"
                    + sender
                    + "}");
    assertThat(answer.fields()).containsExactly("sender_id");
  }

  @Test
  void rotatesKeysWithAnOverlapAndRevokesAtOnce() {
    String keys = "/api/applications/" + mine.id() + "/keys";
    JsonNode fresh = service.admin().post(keys, "{\"overlap_seconds\":1}").data();
    assertThat(mine.api().as(fresh.path("api_key").asString()).get(mine.path()).status())
        .isEqualTo(200);
    assertThat(mine.api().get(mine.path()).status()).isEqualTo(200);
    Eventually.within(
        Duration.ofSeconds(8), () -> mine.api().get(mine.path()).status(), it -> it == 401);
    assertThat(service.admin().delete(keys + "/" + fresh.path("key_id").asLong()).status())
        .isEqualTo(200);
    assertThat(mine.api().as(fresh.path("api_key").asString()).get(mine.path()).status())
        .isEqualTo(401);
    assertThat(service.admin().get(keys).data().path("items")).hasSize(2);
    JsonNode page = service.admin().get(keys + "?limit=1").data();
    assertThat(page.path("items")).hasSize(1);
    JsonNode next =
        service.admin().get(keys + "?cursor=" + page.path("next_cursor").asString()).data();
    assertThat(next.path("items")).as("the newest").hasSize(1);
    assertThat(next.at("/items/0/key_id")).isEqualTo(fresh.path("key_id"));
  }

  /** Of two at once each would leave the other's key without an end. */
  @Test
  void rotationsOfOneApplicationComeOneAfterTheOther() throws Exception {
    String keys = "/api/applications/" + mine.id() + "/keys";
    try (Connection connection = service.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("select 1 from applications where app_id = " + mine.id() + " for update");
      CompletableFuture<Api.Answer> rotated =
          CompletableFuture.supplyAsync(() -> service.admin().post(keys, "{}"));
      Eventually.value(service.database()::waitingForLocks, it -> it > 0);
      connection.commit();
      assertThat(rotated.get(10, TimeUnit.SECONDS).status()).isEqualTo(201);
    }
  }

  @Test
  void neverShowsACredentialAgain() {
    Api.Answer created =
        service
            .admin()
            .post(
                "/api/applications/" + mine.id() + "/senders",
                "{\"provider\":\"waha\",\"settings\":{\"base_url\":\"http://127.0.0.1:9\"},\"credentials\":{\"api_key\":\"canary-credential\"}}");
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.body()).doesNotContain("canary-credential").contains("api_key");
    byte[] sealed =
        service
            .database()
            .jdbc()
            .sql("select credentials from senders where sender_id = :id")
            .param("id", created.data().path("sender_id").asLong())
            .query(byte[].class)
            .single();
    assertThat(new String(sealed, java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain("canary");
  }

  @Test
  void aCustomersSenderReachesNoPrivateAddress() {
    long sender =
        mine.sender(
            "{\"provider\":\"waha\",\"settings\":{\"base_url\":\"http://127.0.0.1:9\"},\"credentials\":{\"api_key\":\"k\"}}");
    long id =
        mine.api()
            .message(
                mine.id(),
                "{\"message_content\":\"x\",\"recipient\":\"+15551230000\",\"sender_id\":"
                    + sender
                    + "}");
    Eventually.value(
        () -> mine.api().show(mine.id(), id).path("last_error").path("code").asString(""),
        "address_refused"::equals);
  }

  @Test
  void sendersAndTrailsAreReadPageByPage() {
    String senders = "/api/applications/" + mine.id() + "/senders";
    mine.sender("{\"provider\":\"sandbox\",\"address\":\"+15559990001\"}");
    mine.sender("{\"provider\":\"sandbox\",\"address\":\"+15559990002\"}");
    assertThat(pages(senders, "sender_id")).hasSize(3);
    long id =
        mine.api().message(mine.id(), "{\"message_content\":\"x\",\"recipient\":\"+15551230000\"}");
    mine.api().await(mine.id(), id, "delivered");
    assertThat(pages(mine.path() + "/" + id + "/logs", "version")).hasSizeGreaterThan(2).isSorted();
  }

  private List<Long> pages(String list, String key) {
    List<Long> keys = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = mine.api().get(list + "?limit=2" + cursor).data();
      page.path("items").forEach(item -> keys.add(item.path(key).asLong()));
      cursor = page.path("next_cursor").asString("");
      cursor = cursor.isEmpty() ? "" : "&cursor=" + cursor;
    } while (!cursor.isEmpty());
    return keys;
  }

  @Test
  void twoWhoChangeASenderDoNotUndoEachOther() throws Exception {
    String path = "/api/applications/" + mine.id() + "/senders/";
    long sender =
        mine.sender(
            "{\"provider\":\"waha\",\"settings\":{\"base_url\":\"https://old.example.org\"},\"credentials\":{\"api_key\":\"k\"}}");
    try (Connection connection = service.database().dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "update senders set settings = '{\"base_url\":\"https://new.example.org\"}' where sender_id = "
              + sender);
      CompletableFuture<Api.Answer> renamed =
          CompletableFuture.supplyAsync(() -> mine.api().patch(path + sender, "{\"name\":\"x\"}"));
      Eventually.value(service.database()::waitingForLocks, it -> it > 0);
      connection.commit();
      assertThat(renamed.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
    }
    JsonNode now = mine.api().get(path + sender).data();
    assertThat(now.path("name").asString()).isEqualTo("x");
    assertThat(now.at("/settings/base_url").asString()).isEqualTo("https://new.example.org");
  }

  @Test
  void aDeletedApplicationAcceptsNothing() {
    TestApp gone = service.sandboxApp();
    assertThat(service.admin().delete("/api/applications/" + gone.id()).status()).isEqualTo(200);
    assertThat(gone.api().get(gone.path()).status()).isEqualTo(401);
    assertThat(service.admin().get(gone.path()).status()).isEqualTo(404);
  }
}
