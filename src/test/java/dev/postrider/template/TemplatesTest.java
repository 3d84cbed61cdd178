package dev.postrider.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.channel.Providers;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Violations;
import dev.postrider.testing.Eventually;
import dev.postrider.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TemplatesTest {
  private final TestDatabase database = TestDatabase.migrated();
  private final Templates templates =
      new Templates(new TemplateStore(database.jdbc()), new Providers(List.of()));

  private String render(String name) {
    Violations violations = new Violations();
    TemplateUse use = new TemplateUse(name, null, null, null, null);
    AppId app = new AppId(1);
    try {
      templates.render(app, use, "sms", templates.allowance(app), violations);
      return violations.errors().toString();
    } catch (Overloaded _) {
      return "overloaded";
    }
  }

  /** The connections they are looked up by are those that commits and claims have. */
  @Test
  void namesThatNobodyKnowsTakeTwoConnections() throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      connection.setAutoCommit(false);
      statement.execute("lock table templates in access exclusive mode");
      List<Future<String>> asked = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String name = "unknown_" + i;
        asked.add(callers.submit(() -> render(name)));
      }
      Eventually.value(database::waitingForLocks, it -> it == 2);
      Eventually.holds(Duration.ofMillis(300), () -> database.waitingForLocks() == 2);
      connection.rollback();
      List<String> answers = new ArrayList<>();
      for (Future<String> one : asked) {
        answers.add(one.get());
      }
      assertThat(answers).allMatch(it -> it.contains("published") || it.equals("overloaded"));
      assertThat(answers).as("those that were looked up").anyMatch(it -> it.contains("published"));
    }
  }
}
