package dev.postrider.delivery;

import dev.postrider.app.AppId;
import dev.postrider.message.CampaignId;
import dev.postrider.message.CampaignStore;
import dev.postrider.message.Dispatch;
import dev.postrider.message.MessageStore;
import dev.postrider.message.MessageStore.Overdue;
import dev.postrider.message.Move;
import dev.postrider.message.ProgressStore;
import dev.postrider.message.StatusChange;
import dev.postrider.message.StatusListener;
import dev.postrider.platform.Loop;
import dev.postrider.platform.Wired;
import dev.postrider.platform.database.Transactions;
import dev.postrider.queue.JobStore;
import dev.postrider.queue.JobStore.Place;
import dev.postrider.queue.JobStore.Unclaimed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Ends messages whose deadline passes while nobody claims them: because their sender is paused, its
 * circuit is open, their campaign is paused, or others go before them at their sender's pace. Reads
 * what waits a page at a time, round and round: a backlog of a hundred thousand takes a few
 * minutes, and nobody waits for it.
 */
@Wired
public class ExpireHeld implements Loop {
  private static final int PAGE = 500;
  private static final int LANES = 20;

  private static final int CAMPAIGNS = 5;
  private static final CampaignId NONE = new CampaignId(new AppId(0), "");

  private final DeliverMessages deliveries;
  private final JobStore jobs;
  private final MessageStore messages;
  private final CampaignStore campaigns;
  private final ProgressStore progress;
  private final Transactions transactions;
  private final List<StatusListener> listeners;

  /** How far each lane was read. */
  private final Map<Long, Place> places = new HashMap<>();

  /** How far each paused campaign was read. */
  private final Map<CampaignId, Long> campaignPlaces = new HashMap<>();

  /** The lane that was read last. */
  private long last = Long.MIN_VALUE;

  /** The campaign that was read last. */
  private CampaignId lastCampaign = NONE;

  ExpireHeld(
      DeliverMessages deliveries,
      JobStore jobs,
      MessageStore messages,
      CampaignStore campaigns,
      ProgressStore progress,
      Transactions transactions,
      List<StatusListener> listeners) {
    this.deliveries = deliveries;
    this.jobs = jobs;
    this.messages = messages;
    this.campaigns = campaigns;
    this.progress = progress;
    this.transactions = transactions;
    this.listeners = listeners;
  }

  @Override
  public Duration every() {
    return Duration.ofSeconds(1);
  }

  @Override
  public int runOnce() {
    readLanes();
    readCampaigns();
    return 0;
  }

  private void readLanes() {
    Set<Long> held = deliveries.heldLanes();
    TreeSet<Long> lanes = new TreeSet<>(held);
    lanes.addAll(deliveries.slowLanes());
    places.keySet().retainAll(lanes);
    List<Long> turn = lanes.tailSet(last, false).stream().limit(LANES).toList();
    for (long lane : turn) {
      String why =
          held.contains(lane)
              ? "its sender was paused, or its circuit opened by hand, until then"
              : "its turn would have come later";
      places.put(lane, transactions.call(() -> read(lane, why)));
    }
    last = turn.size() == LANES ? turn.getLast() : Long.MIN_VALUE;
  }

  /** Ends what is overdue on a page; returns where the next one begins. */
  private Place read(long lane, String why) {
    List<Unclaimed> page =
        jobs.unclaimed(DeliverMessages.KIND, lane, places.getOrDefault(lane, Place.FIRST), PAGE);
    end(
        messages.overdue(
            page.stream().map(job -> new AppId(job.appId())).toList(),
            page.stream().map(Unclaimed::id).toList()),
        why);
    return page.size() < PAGE ? Place.FIRST : page.getLast().place();
  }

  /** What was sent long ago is read along: a few pages a second, however large they are. */
  private void readCampaigns() {
    List<CampaignId> turn = campaigns.paused(lastCampaign, CAMPAIGNS);
    turn.forEach(id -> transactions.run(() -> read(id)));
    lastCampaign = turn.size() == CAMPAIGNS ? turn.getLast() : NONE;
  }

  private void read(CampaignId campaign) {
    List<Long> page = campaigns.messages(campaign, campaignPlaces.getOrDefault(campaign, 0L), PAGE);
    end(
        messages.overdue(Collections.nCopies(page.size(), campaign.app()), page),
        "its campaign was paused until then");
    if (page.size() < PAGE) {
      campaignPlaces.remove(campaign);
    } else {
      campaignPlaces.put(campaign, page.getLast());
    }
  }

  private void end(List<Overdue> overdue, String why) {
    List<Move> moves = new ArrayList<>();
    for (Overdue message : overdue) {
      // Whoever claims it meanwhile finds out by itself.
      if (jobs.cancel(DeliverMessages.KIND, message.id())) {
        moves.add(expired(message, why));
      }
    }
    if (!moves.isEmpty()) {
      moves.sort(Comparator.comparingLong(Move::messageId));
      // Fewer, where a receipt has moved one meanwhile: then its job is of no use either.
      List<StatusChange> changes = progress.move(moves);
      if (!changes.isEmpty()) {
        listeners.forEach(listener -> listener.changed(changes));
      }
    }
  }

  private static Move expired(Overdue message, String why) {
    return new Move(
        message.app(),
        message.id(),
        message.dispatch(),
        Dispatch.EXPIRED,
        "expired",
        0,
        "expired",
        why,
        null);
  }
}
