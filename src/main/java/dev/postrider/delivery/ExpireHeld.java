package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.message.CampaignId;
import dev.postrider.message.CampaignStore;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.JobStore;
import dev.postrider.queue.JobStore.Place;
import dev.postrider.queue.JobStore.Unclaimed;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Ends messages whose deadline passes while nobody claims them: because their sender is paused, its
 * circuit is open, their campaign is paused, or others go before them. Reads what waits a page at a
 * time, round and round: a backlog of a hundred thousand takes a few minutes, and nobody waits for
 * it.
 */
@Wired
public class ExpireHeld implements Loop {
  private static final int PAGE = ExpireMessages.PAGE;
  private static final int LANES = 20;

  /** In a lane that has kept a due job waiting for so long, others may miss their deadline. */
  private static final Duration TOO_LONG = Duration.ofSeconds(2);

  /** So many times a turn, some hundreds of lanes in which nothing waits are passed over. */
  private static final int LOOKS = 8;

  /** So many messages of paused campaigns a turn, and so many campaigns. */
  private static final int OF_CAMPAIGNS = 5 * PAGE;

  private static final int CAMPAIGNS = 50;

  /** So many are looked at in one turn, with messages or without. */
  private static final int PAUSES = 200;

  private static final int MOST_PLACES = 10_000;
  private static final CampaignId NONE = new CampaignId(new AppId(0), "");

  private final DeliverMessages deliveries;
  private final JobStore jobs;
  private final CampaignStore campaigns;
  private final ExpireMessages expire;
  private final Transactions transactions;

  /** However many lanes keep something waiting, what is held is looked at as often as ever. */
  private final Round held =
      new Round("its sender was paused, or its circuit opened by hand, until then");

  private final Round resting = new Round("its provider was not to be called until then");
  private final Round waiting = new Round(ExpireMessages.LATER);

  /** After which lane those that keep something waiting are looked for. */
  private long lookAfter = Long.MIN_VALUE;

  /** How far each paused campaign was read. */
  private final Map<CampaignId, Long> campaignPlaces = new HashMap<>();

  /** The campaign that was read last. */
  private CampaignId lastCampaign = NONE;

  ExpireHeld(
      DeliverMessages deliveries,
      JobStore jobs,
      CampaignStore campaigns,
      ExpireMessages expire,
      Transactions transactions) {
    this.deliveries = deliveries;
    this.jobs = jobs;
    this.campaigns = campaigns;
    this.expire = expire;
    this.transactions = transactions;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(1);
  }

  @Override
  public int runOnce() {
    readLanes();
    readCampaigns();
    expire.expireMet();
    return 0;
  }

  private void readLanes() {
    Set<Long> others = new HashSet<>(deliveries.heldLanes());
    held.read(others);
    resting.read(without(others, deliveries.restingLanes()));
    readWaiting(others);
  }

  /** A round over some hundreds of lanes, then over the next ones, until enough were read. */
  private void readWaiting(Set<Long> others) {
    int left = LANES;
    for (int look = 0; look < LOOKS && left > 0; look++) {
      JobStore.KeptWaiting found = jobs.keptWaiting(DeliverMessages.KIND, lookAfter, TOO_LONG);
      left -= waiting.read(without(others, found.lanes()), left);
      if (!waiting.isOver()) {
        return;
      }
      lookAfter = found.next().orElse(Long.MIN_VALUE);
      if (found.next().isEmpty()) {
        return;
      }
    }
  }

  /** Those that were not among others, and now are. */
  private static Set<Long> without(Set<Long> others, Set<Long> lanes) {
    Set<Long> rest = new HashSet<>(lanes);
    rest.removeAll(others);
    others.addAll(rest);
    return rest;
  }

  /** How far lanes are read: each turn some of them, a page of each. */
  private final class Round {
    private final String why;
    private final Map<Long, Place> places = new HashMap<>();
    private long last = Long.MIN_VALUE;

    /**
     * @param why what is said of a message that did not last
     */
    Round(String why) {
      this.why = why;
    }

    void read(Set<Long> lanes) {
      read(lanes, LANES);
    }

    /** Reads a page of each of so many lanes at most; returns of how many. */
    int read(Set<Long> lanes, int most) {
      List<Long> turn =
          lanes.isEmpty() ? List.of() : jobs.lanesWithJobs(DeliverMessages.KIND, lanes, last, most);
      for (Long lane : turn) {
        Place from = places.getOrDefault(lane, Place.FIRST);
        Place next = transactions.call(() -> page(lane, from, why));
        if (next.equals(Place.FIRST)) {
          places.remove(lane);
        } else {
          places.put(lane, next);
        }
      }
      last = turn.size() == most ? turn.getLast() : Long.MIN_VALUE;
      // One that comes and goes, as an open circuit does, is read on where it was left.
      if (places.size() > MOST_PLACES) {
        places.keySet().retainAll(lanes);
      }
      return turn.size();
    }

    /** Whether each of the lanes has had its turn. */
    boolean isOver() {
      return last == Long.MIN_VALUE;
    }
  }

  /** Ends what is overdue on a page; returns where the next one begins. */
  private Place page(long lane, Place from, String why) {
    List<Unclaimed> page = jobs.unclaimed(DeliverMessages.KIND, lane, from, PAGE);
    // What is not due has not passed its deadline. What its campaign's pause holds is found by its
    // campaign, and ended for that.
    List<Unclaimed> due = page.stream().filter(job -> !job.later()).toList();
    expire.expire(
        due.stream().map(job -> new AppId(job.appId())).toList(),
        due.stream().map(Unclaimed::id).toList(),
        why);
    if (page.size() < PAGE) {
      return Place.FIRST;
    }
    Place last = page.getLast().place();
    return page.getLast().later() ? last.afterItsPriority() : last;
  }

  /** What was sent long ago is read along: a few pages a second, however large they are. */
  private void readCampaigns() {
    List<CampaignStore.Paused> turn = campaigns.paused(lastCampaign, PAUSES);
    int left = OF_CAMPAIGNS;
    int read = 0;
    for (CampaignStore.Paused one : turn) {
      if (left <= 0 || read == CAMPAIGNS) {
        return;
      }
      lastCampaign = one.id();
      if (one.hasMessages()) {
        left -= transactions.call(() -> read(one.id()));
        read++;
      }
    }
    lastCampaign = turn.size() == PAUSES ? lastCampaign : NONE;
    // Of those that went on meanwhile, too: who begins anew reads a little more.
    if (campaignPlaces.size() > MOST_PLACES) {
      campaignPlaces.clear();
    }
  }

  private int read(CampaignId campaign) {
    List<Long> page = campaigns.messages(campaign, campaignPlaces.getOrDefault(campaign, 0L), PAGE);
    expire.expire(
        Collections.nCopies(page.size(), campaign.app()),
        page,
        "its campaign was paused until then");
    if (page.size() < PAGE) {
      campaignPlaces.remove(campaign);
    } else {
      campaignPlaces.put(campaign, page.getLast());
    }
    return page.size();
  }
}
