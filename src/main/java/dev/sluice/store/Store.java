package dev.sluice.store;

import dev.sluice.kernel.StoreId;
import java.util.List;
import java.util.Optional;

/** A store with its settings and payment methods. */
public record Store(StoreId id, StoreSettings settings, List<PaymentMethod> methods) {
    public Store {
        methods = List.copyOf(methods);
    }

    public Optional<PaymentMethod> method(Rail rail) {
        return methods.stream().filter(m -> m.rail() == rail).findFirst();
    }
}
