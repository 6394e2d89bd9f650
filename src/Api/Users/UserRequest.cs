using Microsoft.Extensions.Options;
using SessionManager.Api.Validation;
using SessionManager.Users;

namespace SessionManager.Api.Users;

/// <summary>A user's name and password.</summary>
/// <param name="Username">1 to 100 letters, digits and any of <c>. _ - @ +</c>; upper and lower case are the same.</param>
/// <param name="Password">8 to 128 characters.</param>
public sealed record UserRequest([property: Required] string? Username, [property: Required] string? Password);

/// <summary>What names and passwords new users may have.</summary>
sealed class UserRules(IOptions<LoginOptions> options)
{
    const int MaxUsername = 100;
    const int MaxPassword = 128;

    public void Check(Validator check, UserRequest request)
    {
        if (check.Required(request.Username, "username"))
        {
            check.That(
                request.Username.Length is > 0 and <= MaxUsername && request.Username.All(IsInName),
                "username",
                $"must have 1 to {MaxUsername} letters, digits and any of . _ - @ +");
        }

        if (check.Required(request.Password, "password"))
            CheckPassword(check, request.Password, "password");
    }

    public void CheckPassword(Validator check, string password, string field) => check.That(
        password.Length >= options.Value.MinPasswordLength && password.Length <= MaxPassword,
        field,
        $"must have {options.Value.MinPasswordLength} to {MaxPassword} characters");

    /// <summary>ASCII only: no two names that look the same, or are one in another case, are two users'.</summary>
    static bool IsInName(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '@' or '+';
}
