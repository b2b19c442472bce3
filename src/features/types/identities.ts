/** Types that name a person, a company, a place or a vehicle. */
import { isIdCard, isUscc, mobileNumber } from '../../core/identifiers.ts';
import { plainText, type TypeRule } from './type-rule.ts';

/** Civil plates (GA 36), new-energy plates with eight characters, and police or embassy endings. */
const PLATE =
  /^[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Z][A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]$/u;
/** ISO 3779 without I, O, Q; Chinese vehicles do carry its check digit, imported ones need not. */
const VIN = /^[A-HJ-NPR-Z0-9]{17}$/;

export const phone: TypeRule = {
  personal: true,
  expected: 'a mainland mobile number: 1, then 3–9, then nine digits, with or without +86',
  normalise: mobileNumber,
};

export const idCard: TypeRule = {
  personal: true,
  expected: '18 characters with a real birth date and the GB 11643 check character',
  normalise: (value) => {
    const number = value.trim().toUpperCase();
    return isIdCard(number) ? number : undefined;
  },
};

export const uscc: TypeRule = {
  personal: false,
  expected: '18 characters of the GB 32100 alphabet with the right check character',
  normalise: (value) => {
    const code = value.trim().toUpperCase();
    return isUscc(code) ? code : undefined;
  },
};

export const companyName: TypeRule = {
  personal: false,
  expected: '2–120 characters',
  normalise: (value) =>
    plainText(value, { least: 2, most: 120, fold: (text) => text.replaceAll(' ', '').toUpperCase() }),
};

export const address: TypeRule = {
  personal: true,
  expected: '4–200 characters',
  normalise: (value) => plainText(value, { least: 4, most: 200, fold: (text) => text.replaceAll(' ', '') }),
};

export const vehicle: TypeRule = {
  personal: true,
  expected: 'a mainland number plate or a 17-character VIN',
  normalise: (value) => {
    const text = value
      .normalize('NFKC')
      .replace(/[\s·-]/gu, '')
      .toUpperCase();
    return PLATE.test(text) || VIN.test(text) ? text : undefined;
  },
};
