package dev.postrider.testing;

import dev.postrider.platform.secret.MasterKey;
import java.util.Map;

/** Two nodes on one database, with one master key. */
public record TwoNodes(RunningService one, RunningService other) implements AutoCloseable {
  public static TwoNodes start(String... options) {
    TestDatabase database = TestDatabase.create();
    Map<String, String> environment = Map.of("POSTRIDER_MASTER_KEY", MasterKey.generate());
    return new TwoNodes(node(database, environment, options), node(database, environment, options));
  }

  private static RunningService node(
      TestDatabase database, Map<String, String> environment, String... options) {
    return RunningService.start(database, RunningService.newHome(), environment, options);
  }

  @Override
  public void close() {
    other.close();
    one.close();
  }
}
