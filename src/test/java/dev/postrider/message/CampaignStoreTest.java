package dev.postrider.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.app.AppId;
import dev.postrider.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;

class CampaignStoreTest {
  private final TestDatabase database = TestDatabase.migrated();
  private final CampaignStore store = new CampaignStore(database.jdbc());
  private final CampaignId summer = new CampaignId(new AppId(1), "summer");

  private String resumed() {
    store.pause(summer);
    store.resume(summer);
    return store.waking(summer).orElseThrow();
  }

  /** A long walk may end after the campaign was paused and resumed once more. */
  @Test
  void aWakingThatEndsLateDoesNotEndTheNextOne() {
    String first = resumed();
    String second = resumed();
    store.awake(summer, first);
    assertThat(store.waking()).as("somebody else's to wake").containsExactly(summer);
    database.transactions().run(() -> store.pausedMeanwhile(List.of(summer)));
    assertThat(store.waking(summer)).as("who only looks changes nothing").contains(second);
    store.resume(summer);
    assertThat(store.waking(summer)).as("who asks again changes nothing").contains(second);
    store.awake(summer, second);
    assertThat(store.waking()).isEmpty();
  }
}
