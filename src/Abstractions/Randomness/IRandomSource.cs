using System.Security.Cryptography;

namespace SessionManager.Randomness;

/// <summary>Where every unguessable byte comes from. The simulator puts a seeded one in its place.</summary>
public interface IRandomSource
{
    void Fill(Span<byte> bytes);
}

/// <summary>The operating system's cryptographic generator.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
