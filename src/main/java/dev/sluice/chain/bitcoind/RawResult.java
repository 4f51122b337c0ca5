package dev.sluice.chain.bitcoind;

import io.vertx.core.buffer.Buffer;

/** Takes a long hexadecimal result out of a JSON-RPC answer without building the text in between. */
final class RawResult {
    private static final byte[] RESULT = {'"', 'r', 'e', 's', 'u', 'l', 't', '"', ':', '"'};

    private RawResult() {}

    /** The bytes; fails with {@link RpcClient.RpcException} where the answer is an error. */
    static Buffer hex(Buffer answer) {
        byte[] json = answer.getBytes();
        int from = after(json);
        if (from < 0) {
            var error = answer.toJsonObject().getJsonObject("error");
            if (error != null && RpcClient.refused(error) instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalArgumentException("no hexadecimal result");
        }
        int to = from;
        while (to < json.length && json[to] != '"') {
            to++;
        }
        byte[] bytes = new byte[(to - from) / 2];
        for (int i = 0; i < bytes.length; i++) {
            int high = Character.digit(json[from + 2 * i], 16);
            int low = Character.digit(json[from + 2 * i + 1], 16);
            if ((high | low) < 0) {
                throw new IllegalArgumentException("not hexadecimal");
            }
            bytes[i] = (byte) (high << 4 | low);
        }
        return Buffer.buffer(bytes);
    }

    /** Where the text of the result begins, or -1; it is the first or second member of the answer. */
    private static int after(byte[] json) {
        for (int start = 0; start < Math.min(64, json.length - RESULT.length); start++) {
            if (java.util.Arrays.equals(json, start, start + RESULT.length, RESULT, 0, RESULT.length)) {
                return start + RESULT.length;
            }
        }
        return -1;
    }
}
