package dev.postrider.channel.sandbox;

import dev.postrider.channel.Provider;
import dev.postrider.channel.ProviderContract;
import dev.postrider.channel.SenderAccount;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

class SandboxProviderTest implements ProviderContract {
  private final Handsets handsets = new Handsets();
  private final SandboxProvider provider =
      new SandboxProvider(handsets, InstantSource.system(), _ -> {});

  @Override
  public Provider provider() {
    return provider;
  }

  @Override
  public SenderAccount goodSender() {
    return new SenderAccount(1, 1, "sandbox", null, null, Map.of(), Map.of(), false);
  }

  @Override
  public Optional<SenderAccount> deadSender() {
    return Optional.empty();
  }

  @Override
  public Map.Entry<String, String> recipient() {
    return Map.entry("+1 555 123 9999", "+15551239999");
  }

  @Override
  public Optional<String> sent(String header) {
    return Optional.empty();
  }

  @Override
  public long arrivals(String text) {
    return handsets.of(1, null, 200).stream().filter(it -> text.equals(it.text())).count();
  }
}
