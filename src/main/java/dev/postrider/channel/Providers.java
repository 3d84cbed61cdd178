package dev.postrider.channel;

import dev.postrider.platform.Wired;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The providers by name. */
@Wired
public class Providers {
  private final Map<String, Provider> byName = new TreeMap<>();

  public Providers(List<Provider> providers) {
    providers.forEach(provider -> byName.put(provider.name(), provider));
  }

  public Optional<Provider> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The provider of a sender that was checked when it was stored. */
  public Provider of(SenderAccount account) {
    return find(account.provider()).orElseThrow(() -> new Unknown(account.provider()));
  }

  /** A sender's provider that this version does not have. */
  public static final class Unknown extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unknown(String provider) {
      super("no provider " + provider);
    }
  }

  /** What messages can be sent over, in the order of the alphabet. */
  public Set<String> channels() {
    return byName.values().stream()
        .map(Provider::channel)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  public List<String> names() {
    return List.copyOf(byName.keySet());
  }
}
