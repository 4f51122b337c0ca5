package dev.sluice.card.ntag424;

/**
 * The five keys of a card.
 *
 * @param k0 application master key: changes settings and keys
 * @param k1 encrypts what the card says of itself; the same for all cards of an issuer
 * @param k2 signs each tap
 * @param k3 unused, and changed all the same
 * @param k4 unused, and changed all the same
 */
public record CardKeys(AesKey k0, AesKey k1, AesKey k2, AesKey k3, AesKey k4) {}
