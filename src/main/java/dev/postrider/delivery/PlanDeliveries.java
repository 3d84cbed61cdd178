package dev.postrider.delivery;

import dev.postrider.app.Apps;
import dev.postrider.app.SenderId;
import dev.postrider.circuit.CircuitState;
import dev.postrider.circuit.FindCircuits;
import dev.postrider.message.Message;
import dev.postrider.message.PlanMessages;
import dev.postrider.platform.Wired;
import dev.postrider.queue.JobQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says about when messages would leave that are not there yet. */
@Wired
class PlanDeliveries {
  private final Gate gate;
  private final JobQueue queue;
  private final Apps apps;
  private final FindCircuits circuits;

  PlanDeliveries(Gate gate, JobQueue queue, Apps apps, FindCircuits circuits) {
    this.gate = gate;
    this.queue = queue;
    this.apps = apps;
    this.circuits = circuits;
  }

  /**
   * When a message would leave.
   *
   * @param at null when somebody would have to end a hold first, or when it would expire
   */
  record Departure(@Nullable Instant at, List<Hold> holds) {
    static final Departure NONE = new Departure(null, List.of());
  }

  private static final String QUIET = "quiet_hours";

  /** How many quiet hours are looked at for one message: a line may be longer than a day. */
  private static final int NIGHTS = 3;

  /** A sender's line, as it stands and with those that are planned. */
  private static final class Line {
    final Duration interval;
    Instant next;

    /** By the end of quiet hours that somebody waits for: the first place behind those. */
    final NavigableMap<Instant, Instant> mornings = new TreeMap<>();

    final Instant now;
    final CircuitState circuit;

    /** When its circuit lets calls be made. */
    final Instant open;

    Line(JobQueue.Queued queued, Optional<Apps.Paced> pace, CircuitState circuit) {
      this.circuit = circuit;
      this.now = queued.now();
      this.interval = pace.map(Apps.Paced::mean).orElse(Duration.ZERO);
      this.open = circuit.delays() ? circuit.next(now) : now;
      Instant place =
          pace.flatMap(it -> queued.nextPlace().map(next -> it.place(next, now))).orElse(now);
      this.next = later(place, open).plus(interval.multipliedBy(queued.ahead()));
    }

    /** The first place not before this moment; whoever comes next has a later one. */
    Instant place(Instant earliest) {
      Instant at = later(next, earliest);
      next = at.plus(interval);
      return at;
    }

    /** The first place not before the end of quiet hours. */
    Instant placeAfterQuiet(Instant end) {
      Instant at = behindQuiet(end);
      mornings.merge(end, at.plus(interval), PlanDeliveries::later);
      return at;
    }

    /** Whoever waited for the end of quiet hours goes before what has its place after that. */
    Instant behindQuiet(Instant place) {
      Map.Entry<Instant, Instant> morning = mornings.floorEntry(place);
      return morning == null ? place : later(place, morning.getValue());
    }

    /** It goes then, behind those that waited. */
    void goes(Instant at) {
      Map.Entry<Instant, Instant> morning = mornings.floorEntry(at);
      if (morning != null) {
        mornings.put(morning.getKey(), later(morning.getValue(), at.plus(interval)));
      }
    }

    /** When it is a message's turn, were there no pace. */
    Instant turn(Message message) {
      Instant due = message.notBefore();
      return due == null || due.isBefore(now) ? now : due;
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /** In the order of the messages; nothing for one that would be refused. */
  List<Departure> departures(List<PlanMessages.Planned> planned) {
    Map<Long, Line> lines = new HashMap<>();
    List<Placed> inTurn = new ArrayList<>();
    for (int i = 0; i < planned.size(); i++) {
      Message message = planned.get(i).message();
      if (message != null) {
        inTurn.add(
            new Placed(i, message, lines.computeIfAbsent(message.sender().value(), this::line)));
      }
    }
    // Each takes its place in its sender's line when its turn comes, whatever the request's order.
    inTurn.sort(Comparator.comparing(Placed::turn));
    Departure[] departures = new Departure[planned.size()];
    Arrays.fill(departures, Departure.NONE);
    inTurn.forEach(one -> departures[one.index()] = departure(one.message(), one.line()));
    return List.of(departures);
  }

  /** A message, where it stands in the request, and the line it stands in. */
  private record Placed(int index, Message message, Line line) {
    Instant turn() {
      return line.turn(message);
    }
  }

  private Line line(long lane) {
    return new Line(
        queue.queued(DeliverMessages.KIND, lane),
        Optional.ofNullable(apps.pacedSenders().get(new SenderId(lane))),
        circuits.find(lane));
  }

  private Departure departure(Message message, Line line) {
    Instant turn = line.turn(message);
    Instant place = line.place(turn);
    List<Hold> holds = new ArrayList<>();
    holds.addAll(gate.all(message, line.now));
    if (line.circuit.delays()) {
      holds.add(
          new Hold(
              "circuit_open",
              line.circuit.because(line.now) + ".",
              line.circuit.next(line.now),
              true));
    }
    if (place.isAfter(later(turn, line.open))) {
      holds.add(
          new Hold(
              "paced",
              "Its sender sends one message in " + Because.spoken(line.interval) + ".",
              place,
              true));
    }
    Instant at = place;
    for (Hold hold : holds) {
      if (hold.until() == null) {
        return new Departure(null, holds);
      }
      at = later(at, hold.until());
    }
    at = afterQuiet(message, line, at, holds);
    if (!at.isBefore(message.expiresAt())) {
      holds.add(
          new Hold(
              "expires", "It would expire first, at " + message.expiresAt() + ".", null, false));
      return new Departure(null, holds);
    }
    return new Departure(at, holds);
  }

  /** Its place may come when nothing goes, and the one after that, too. */
  private Instant afterQuiet(Message message, Line line, Instant place, List<Hold> holds) {
    // A hold that is told of already ends then.
    boolean waits = holds.stream().anyMatch(hold -> hold.reason().equals(QUIET));
    Instant at = waits ? line.placeAfterQuiet(place) : line.behindQuiet(place);
    for (int night = 0; night < NIGHTS; night++) {
      Hold quiet = gate.quiet(message, at).orElse(null);
      if (quiet == null || quiet.until() == null) {
        line.goes(at);
        return at;
      }
      if (!waits) {
        holds.add(quiet);
        waits = true;
      }
      at = line.placeAfterQuiet(quiet.until());
    }
    return at;
  }
}
