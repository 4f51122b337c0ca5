package dev.sluice.lightning;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A node of which one call is answered otherwise. */
final class AlteredNode {
    private AlteredNode() {}

    /** What is answered instead. */
    interface Answer {
        Object to(Object[] arguments, Usual usual);
    }

    /** What the node itself answers. */
    interface Usual {
        Object answer();
    }

    static LightningNode of(LightningNode node, String call, Answer answer) {
        return (LightningNode) Proxy.newProxyInstance(
                AlteredNode.class.getClassLoader(), new Class<?>[] {LightningNode.class}, (self, method, arguments) -> {
                    Usual usual = () -> ask(node, method, arguments);
                    return method.getName().equals(call) ? answer.to(arguments, usual) : usual.answer();
                });
    }

    private static Object ask(LightningNode node, Method method, Object[] arguments) {
        try {
            return method.invoke(node, arguments);
        } catch (IllegalAccessException | InvocationTargetException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
