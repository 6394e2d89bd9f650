namespace SessionManager.Api.Validation;

/// <summary>Names that callers choose for their nodes and regions.</summary>
static class Names
{
    public const string Shape = "1 to 64 letters, digits, dots, hyphens and underscores";
    const int MaxLength = 64;

    public static bool IsNode(string? name) => IsName(name);

    public static bool IsRegion(string? name) => IsName(name);

    static bool IsName(string? name) =>
        name is { Length: > 0 and <= MaxLength }
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');
}
