package dev.postrider.template;

import dev.postrider.channel.ApprovedTemplate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A template of WhatsApp's whose parameters are compiled. */
record ApprovedMould(
    ApprovedTemplate written,
    @Nullable Mould header,
    List<Mould> body,
    List<@Nullable Mould> buttons) {

  ApprovedTemplate render(Budget.Scope values, Budget budget) {
    List<@Nullable String> filled = new ArrayList<>();
    for (Mould button : buttons) {
      filled.add(button == null ? null : button.render(values, budget));
    }
    return new ApprovedTemplate(
        written.name(),
        written.language(),
        header == null ? null : header.render(values, budget),
        body.stream().map(it -> it.render(values, budget)).toList(),
        filled);
  }
}
