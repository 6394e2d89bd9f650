using SessionManager.Errors;

namespace SessionManager.Keys;

/// <summary>What the front end and the key's grain refuse in the same words.</summary>
public static class KeyRefusals
{
    public static Refusal Rotated(string successorId) =>
        new(ErrorCatalogue.KeyRotated, $"The key was rotated already, and {successorId} has taken its place.");
}
