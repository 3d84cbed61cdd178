package dev.postrider.campaign;

import static dev.postrider.campaign.Tally.DEAD;
import static dev.postrider.campaign.Tally.FAILED;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.campaign.Campaign.Setup;
import dev.postrider.campaign.PatchedBuild.Patch;
import dev.postrider.message.Dispatch;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A5: messages that take their node down with them, or break the provider's code, one after the
 * other: several at once are told apart more slowly (docs/reliability.md).
 */
@Tag("fault")
class A5PoisonExperiment {
  private static final Patch POISON =
      new Patch(
          "channel/waha/WahaProvider.java",
          "    Content content = outbound.content();\n    if (content.media() != null && !mayFetch",
          """
          Content content = outbound.content();
          String poison = String.valueOf(content.text());
          if (poison.contains("poison-exit")) {
            Runtime.getRuntime().halt(137);
          } else if (poison.contains("poison-memory")) {
            java.util.List<byte[]> hoard = new java.util.ArrayList<>();
            while (true) {
              hoard.add(new byte[16 * 1024 * 1024]);
            }
          } else if (poison.contains("poison-stack")) {
            return send(outbound);
          } else if (poison.contains("poison-bug")) {
            throw new IllegalStateException("broken");
          }
          if (content.media() != null && !mayFetch\
          """);

  @Test
  void isDeadAfterThreeCrashesAndItsNeighboursAreDelivered() {
    Setup setup = Setup.quick(2).overlay(PatchedBuild.of("poison", List.of(POISON)));
    try (Campaign run = Campaign.start("A5", setup)) {
      Tenant shop = run.tenant("shop");
      run.callers().start(30, _ -> run.op(shop));
      int dead = 0;
      int failed = 0;
      for (String poison : List.of("exit", "memory", "stack", "bug")) {
        run.callers().submit(Op.of("canary-op-poison-" + poison, shop, "+4915123100000").tries(3));
        boolean kills = poison.equals("exit") || poison.equals("memory");
        dead += kills ? 1 : 0;
        failed += kills ? 0 : 1;
        awaitEnd(run, dead, failed);
      }
      run.quiesce();
      Verdict verdict =
          run.verdict().occurred(DEAD, 2).atMost(DEAD, 2).occurred(FAILED, 2).atMost(FAILED, 2);
      assertThat(verdict.broken()).isSubsetOf(Invariant.LOGS_ARE_CLEAN);
      assertThat(verdict.violations(Invariant.LOGS_ARE_CLEAN))
          .as("the JVM's own last words, as it ends for want of memory")
          .allMatch(
              it -> it.endsWith("Terminating due to java.lang.OutOfMemoryError: Java heap space"));
      assertThat(
              run.sql()
                  .sql("select message_content from messages where dispatch in ('dead', 'failed')")
                  .query(String.class)
                  .list())
          .as("only the poison")
          .allMatch(it -> it.contains("poison"));
    }
  }

  /** Whoever runs the service starts it again when it is down. */
  private static void awaitEnd(Campaign run, int dead, int failed) {
    Campaign.until(
        () -> {
          run.nodes().stream()
              .filter(it -> !it.isAlive())
              .forEach(it -> {
                run.hurt("died", "node");
                it.begin();
              });
          return run.standing(Dispatch.DEAD) >= dead && run.standing(Dispatch.FAILED) >= failed;
        },
        ofSeconds(150));
  }
}
